"""Errors in the reader's language: those that people meet on pages, as they are really made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from alerts.desk import _to_come
from alerts.oncalldesk import override
from alerts.oncalltargets import Directory
from noc.http.problems import bad_request, not_found
from noc.i18n.language import LOCALES, language
from noc.model.errors import UsageError
from noc.model.oncall import Override
from noc.web.faultwords import DETAILS, detail, title
from noc.web.zones import times_for
from tests.unit.noc.api.test_oncall import PEOPLE
from tests.unit.noc.http.house import NOW_MS

if TYPE_CHECKING:
    from noc.state.database import Transaction


def test_an_error_is_told_in_a_sentence() -> None:
    english = language("en")
    assert detail("there is nothing at this address", english) == "There is nothing at this address."
    assert detail("/query/period: must be a month", english) == "Period must be a month."
    assert detail("noc is busy. Try again!", english) == "Noc is busy. Try again!"
    assert detail("state/spool: can't be written", english) == "state/spool: can't be written."


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


NAIROBI = times_for("Africa/Nairobi", "", "", None)
CLOSED = "incident 7 is closed, since 2026-03-01T12:00:00Z; it stays so"


def test_times_of_a_refusal_are_those_of_the_page() -> None:
    english, chinese = language("en"), language("zh")
    assert detail(CLOSED, english, NAIROBI) == "Incident 7 is closed, since 1 Mar 2026, 15:00:00 +03:00; it stays so."
    there = NAIROBI.read(chinese, datetime(2026, 3, 1, tzinfo=UTC))
    assert detail(CLOSED, chinese, there) == "事件 7 已于 3月1日 15:00:00 +03:00 关闭；不再重新打开。"
    unknown = "window 3 was over at 2026-03-01T12:00:00.250Z"
    assert detail(unknown, english, NAIROBI) == "Window 3 was over at 1 Mar 2026, 15:00:00 +03:00."


@pytest.mark.parametrize(
    "text",
    [
        "from is no time; write it as 2026-03-01T12:00:00Z",
        "'2026-03-01T12:00:00Z' is no zone",
        "at 2026-02-31T00:00:00Z",
    ],
)
def test_what_is_no_time_of_noc_stays_as_it_is(text: str) -> None:
    assert detail(text, language("en"), NAIROBI)[1:].rstrip(".") == text[1:]


async def test_refusals_are_known_as_they_are_made() -> None:
    directory = Directory.of(PEOPLE)
    over = Override(0, "nairobi", NOW_MS - 2, NOW_MS - 1, "achieng", None, "", "")
    with pytest.raises(UsageError) as ended:
        await override(cast("Transaction", None), directory, over, NOW_MS)
    with pytest.raises(UsageError) as passed:
        _to_come(NOW_MS - 1, NOW_MS)
    for error in (ended.value, passed.value):
        assert "2026-03-01T11:59:59.999Z" in str(error)
        for tag in set(LOCALES) - {"en"}:
            assert "T11" not in detail(str(error), language(tag))
            assert detail(str(error), language(tag)) != detail(str(error), language("en"))


def test_titles_are_those_of_http() -> None:
    assert title(404, "Not Found", language("en")) == "Not found"
    assert title(404, "Not Found", language("ru")) == "Не найдено"
    assert title(418, "I'm a Teapot", language("ru")) == "I'm a teapot"
