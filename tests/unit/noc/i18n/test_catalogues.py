"""That no catalogue lacks a text, has one that nobody says, or loses a value or a form of the plural."""

from __future__ import annotations

import io
import os
import re
import string
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from noc.availability.periods import FORMS
from noc.http.pages import LOGIN_SENTENCES
from noc.i18n.deviceclasses import CLASS_WORDS
from noc.i18n.language import LOCALES
from noc.inventory.shipped import shipped
from noc.model.part import PART_WORDS
from noc.pipeline.corrections import CAUSE_WORDS
from noc.reports.frame.registry import names, report
from noc.web.scriptwords import WORDS
from noc.web.words import readable

TOP: Final = Path(__file__).parents[4]
ROOT: Final = TOP / "noc"
TEXTS: Final = {"say": None, "count": (1, 2)}
OTHERS: Final = [tag for tag in LOCALES if tag != "en"]

Text = str | tuple[str, ...]


@cache
def texts_of_the_code() -> frozenset[Text]:
    """Return what the code says, as the ids of catalogues."""
    found: set[Text] = set()
    for folder in (ROOT / "reports", ROOT / "rehearsal", ROOT / "http", TOP / "alerts"):
        for _, _, said, _, _ in extract_from_dir(str(folder), [("**.py", "python")], {}, keywords=TEXTS):
            found.add(said if isinstance(said, str) else tuple(map(str, said)))
    for method in (("**.py", "python"), ("templates/**.html", "jinja2")):
        pages = extract_from_dir(str(ROOT / "web"), [method], {}, keywords=TEXTS, directory_filter=_is_ours)
        for _, _, said, _, _ in pages:
            found.add(said if isinstance(said, str) else tuple(map(str, said)))
    return frozenset(found)


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    return Path(folder).name not in ("assets", "static")


def summaries() -> set[Text]:
    """Return what shipped rules say of themselves: messages look it up as it is written."""
    return {
        yaml.safe_load(file.read_text(encoding="utf-8"))["summary"]
        for file in shipped("rules").glob("*.yaml")
        if not file.name.endswith(".examples.yaml")
    }


def texts_from_below() -> set[Text]:
    """Return what pages say of tables in rooms that know no language."""
    purposes = (report(name).PURPOSE for name in names())
    kinds = (words.removesuffix(" with") for words in PART_WORDS.values())
    parts = {words[:1].upper() + words[1:] for words in kinds}
    reports = {readable(name) for name in names()}
    said = (*filter(None, LOGIN_SENTENCES.values()), *CAUSE_WORDS.values(), *CLASS_WORDS.values())
    return {*said, FORMS, *purposes, *parts, *reports}


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
    wanted = texts_of_the_code() | summaries() | texts_from_below()
    assert len(wanted) > 1_000
    assert sorted(map(str, wanted - said)) == []
    assert sorted(map(str, said - wanted)) == []


@pytest.mark.parametrize("tag", OTHERS)
def test_no_translation_is_empty_or_loses_a_value_or_a_form(tag: str) -> None:
    found = catalogue(tag)
    for message in found:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert len(strings) == (1 if len(ids) == 1 else found.num_plurals), message.id
        for text in strings:
            assert text, message.id
            # Forms of a single number may say it in words: Arabic has a word for two days.
            dropped = {"n"} if len(ids) > 1 and text != strings[-1] else set()
            assert names_in(ids[-1]) - dropped <= names_in(text) <= names_in(ids[-1]), message.id


@pytest.mark.parametrize("tag", OTHERS)
def test_no_sentence_stayed_english(tag: str) -> None:
    sentences = [
        one
        for one in catalogue(tag)
        if isinstance(one.id, str) and len(re.findall("[a-z]{2,}", re.sub("{.*?}", "", one.id))) > 3
    ]
    assert len(sentences) > 300
    assert [one.id for one in sentences if one.id == one.string] == []


@pytest.mark.parametrize("tag", OTHERS)
def test_words_of_charts_can_stand_in_a_list(tag: str) -> None:
    """Charts get their words as `in_bps=in,out_bps=out`."""
    charts = (ROOT / "web" / "charts.py").read_text(encoding="utf-8")
    words = set(re.findall(r'", say\("([^"]+)"\)', charts))
    assert len(words) > 10
    assert [one.string for one in catalogue(tag) if one.id in words and set("=,") & set(str(one.string))] == []


def test_scripts_say_what_stands_in_their_table_and_all_of_it() -> None:
    sources = (ROOT / "web" / "assets" / "src").glob("*.js")
    called = {name for file in sources for name in re.findall(r'\bsay\("(\w+)"', file.read_text(encoding="utf-8"))}
    assert called == WORDS.keys()


POLLERS: Final = {"ar": "مجمّع", "es": "recolector", "fr": "collecteur", "ru": "сборщик", "zh": "采集器"}
"""One word per thing: a probe, that a device sends, is another one."""


@pytest.mark.parametrize("tag", OTHERS)
def test_a_poller_is_called_by_one_word(tag: str) -> None:
    about = [
        one
        for one in catalogue(tag)
        if isinstance(one.id, str) and re.search("pollers?", re.sub("{.*?}", "", one.id), re.IGNORECASE)
    ]
    assert len(about) > 10
    assert [one.id for one in about if POLLERS[tag] not in str(one.string).casefold()] == []
