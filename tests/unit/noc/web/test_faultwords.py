"""Errors in the reader's language: those that people meet on pages, as they are really made."""

from __future__ import annotations

import pytest

from noc.http.problems import bad_request, not_found
from noc.i18n.language import LOCALES, language
from noc.web.faultwords import DETAILS, detail, title


def test_an_error_is_told_in_a_sentence() -> None:
    english = language("en")
    assert detail("there is nothing at this address", english) == "There is nothing at this address."
    assert detail("/query/period: must be a month", english) == "Period must be a month."
    assert detail("noc is busy. Try again!", english) == "Noc is busy. Try again!"


def test_what_people_asked_for_stands_in_the_sentence() -> None:
    assert detail(str(not_found("device nbo-rtr-1")), language("fr")) == "Il n’y a pas d’équipement nbo-rtr-1."
    assert detail(str(bad_request("/query/severity", "must be one of major, minor")), language("es")) == (
        "Severity debe ser uno de major, minor."
    )
    assert detail("there is nothing at this address", language("zh")).endswith("。")


def test_an_error_that_no_catalogue_has_stays_as_it_was_made() -> None:
    assert detail("the disk is full", language("ru")) == "The disk is full."


@pytest.mark.parametrize("tag", [tag for tag in LOCALES if tag != "en"])
def test_each_detail_is_found_as_it_is_made(tag: str) -> None:
    spoken = language(tag)
    for text in DETAILS:
        made = text.replace("{", "").replace("}", "")
        assert detail(made, spoken) != detail(made, language("en")), text


def test_titles_are_those_of_http() -> None:
    assert title(404, "Not Found", language("en")) == "Not found"
    assert title(404, "Not Found", language("ru")) == "Не найдено"
    assert title(418, "I'm a Teapot", language("ru")) == "I'm a teapot"
