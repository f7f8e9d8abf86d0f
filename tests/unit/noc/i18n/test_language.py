"""Words, numbers and dates in six languages, and that no catalogue lacks a word."""

from __future__ import annotations

import io
import os
import string
from datetime import date
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from noc.app.remotestatus import SUMMARIES
from noc.i18n.language import LOCALES, NATIVE, language
from noc.inventory.shipped import shipped

TOP = Path(__file__).parents[4]
ROOT = TOP / "noc"
TEXTS = {"say": None, "count": (1, 2)}
OTHERS = [tag for tag in LOCALES if tag != "en"]

Text = str | tuple[str, ...]


def texts_of_the_code() -> set[Text]:
    """Return what the code says, as the ids of catalogues."""
    found: set[Text] = set()
    for folder in (ROOT / "reports", ROOT / "rehearsal", ROOT / "http", TOP / "alerts"):
        for _, _, said, _, _ in extract_from_dir(str(folder), [("**.py", "python")], {}, keywords=TEXTS):
            found.add(said if isinstance(said, str) else tuple(map(str, said)))
    for method in (("**.py", "python"), ("templates/**.html", "jinja2")):
        pages = extract_from_dir(str(ROOT / "web"), [method], {}, keywords=TEXTS, directory_filter=_is_ours)
        for _, _, said, _, _ in pages:
            found.add(said if isinstance(said, str) else tuple(map(str, said)))
    return found


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    return Path(folder).name not in ("assets", "static")


def summaries() -> set[Text]:
    """Return what shipped rules, and those about pollers, say of themselves: messages look it up as it is written."""
    return set(SUMMARIES.values()) | {
        yaml.safe_load(file.read_text(encoding="utf-8"))["summary"]
        for file in shipped("rules").glob("*.yaml")
        if not file.name.endswith(".examples.yaml")
    }


def catalogue(tag: str) -> Catalog:
    text = (ROOT / "i18n" / "catalogues" / f"{tag}.po").read_bytes()
    return read_po(io.BytesIO(text), locale=LOCALES[tag])


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("tag", OTHERS)
def test_every_catalogue_says_all_that_the_code_says_and_nothing_else(tag: str) -> None:
    said = {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue(tag) if message.id
    }
    wanted = texts_of_the_code() | summaries()
    assert len(wanted) > 300
    assert sorted(map(str, wanted - said)) == []
    assert sorted(map(str, said - wanted)) == []


@pytest.mark.parametrize("tag", OTHERS)
def test_no_translation_is_empty_or_loses_a_value(tag: str) -> None:
    for message in catalogue(tag):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert strings, message.id
        for text in strings:
            assert text, message.id
            assert names_in(text) == names_in(ids[-1]), message.id


def test_percent_are_cut_and_never_rounded_up() -> None:
    assert [language(tag).percent(99.79999) for tag in ("en", "fr", "zh")] == ["99.799%", "99,799\xa0%", "99.799%"]
    assert language("en").percent(99.8) == "99.800%"
    assert language("en").percent(100.0) == "100.000%"
    assert language("en").percent(None) == "–"


def test_numbers_dates_and_lengths_as_people_of_the_language_write_them() -> None:
    day = date(2026, 10, 1)
    assert [language(tag).number(1234567.25, 1) for tag in ("en", "es", "ru")] == [
        "1,234,567.2",
        "1.234.567,2",
        "1\xa0234\xa0567,2",
    ]
    assert {tag: language(tag).day(day) for tag in LOCALES} == {
        "en": "1 Oct 2026",
        "ar": "1 أكتوبر 2026",
        "es": "1 oct 2026",
        "fr": "1 oct. 2026",
        "ru": "1 окт. 2026\u202fг.",
        "zh": "2026年10月1日",
    }
    assert language("en").month(day) == "October 2026"
    assert language("ar").month(day) == "أكتوبر 2026"
    assert [language("en").length(seconds) for seconds in (0, 59.9, 3_600, 11_525, 100_000, -86_400)] == [
        "0 secs",
        "59 secs",
        "1 hr",
        "3 hrs 12 mins",
        "1 day 3 hrs",
        "−1 day",
    ]


def test_an_hour_is_one_in_spanish_too() -> None:
    assert [language("es").length(seconds) for seconds in (3_600, 7_260)] == ["1 h", "2 h 1 min"]


def test_moments_are_in_the_zone_that_is_asked_for() -> None:
    assert language("en").moment(1_790_000_000_000, "Africa/Nairobi") == "21 Sept 2026, 17:13"
    assert language("zh").moment(1_790_000_000_000, "UTC") == "2026年9月21日 14:13"


@pytest.mark.parametrize(("number", "said"), [(1, "1 запись"), (3, "3 записи"), (5, "5 записей"), (21, "21 запись")])
def test_plurals_follow_the_language(number: int, said: str) -> None:
    found = language("ru").count(
        "{n} record, {first} to {last}", "{n} records, {first} to {last}", number, first=1, last=9
    )
    assert found == f"{said}, с 1 по 9"


def test_arabic_is_written_from_the_right_and_its_percent_stay_whole() -> None:
    assert [tag for tag in LOCALES if language(tag).direction == "rtl"] == ["ar"]
    assert language("ar").percent(99.5).startswith("\N{LEFT-TO-RIGHT ISOLATE}99.500")
    assert NATIVE.keys() == LOCALES.keys()


def test_another_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'de' is none of the languages en, ar"):
        language("de")
