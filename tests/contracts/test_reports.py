"""What every report must do: found by its file name, answered from a ledger, read by people in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.i18n.language import LOCALES, language
from noc.reports.frame.asked import Answer, Asked, Issue
from noc.reports.frame.registry import names, report, written
from noc.reports.render.files import file_of
from noc.store.memory import MemoryStore
from tests.reported import material_with, month

ISSUE = Issue(id=7, number=2, issued_ms=1, digest="ab" * 32)
REPORTS = names()


async def answer_of(name: str, folder: Path, known: int | None = None) -> Answer:
    """Return what a report says of October."""
    made = report(name)
    by = made.BY[0] if made.BY else "network"
    period = "2026-2027" if made.PERIOD == "biennium" else "2026-10"
    async with month(folder) as database, database.read() as connection:
        asked = Asked(report=name, period=period, by=by, known=known)
        return await made.gather(material_with(connection, MemoryStore(10)), asked)


def test_there_are_reports() -> None:
    assert {"availability", "biennium", "capacity", "carrier", "incidents", "lifecycle"} <= set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
async def test_the_same_ledger_gives_the_same_answer_and_the_same_bytes(name: str, tmp_path: Path) -> None:
    first, again = await answer_of(name, tmp_path / "a"), await answer_of(name, tmp_path / "b")
    assert written(first) == written(again)
    read_back = report(name).ANSWER.model_validate_json(written(first))
    assert read_back == first
    for form in ("html", "csv", "json", "xlsx"):
        assert file_of(first, ISSUE, form, "ar") == file_of(read_back, ISSUE, form, "ar")


@pytest.mark.parametrize("name", REPORTS)
async def test_as_known_at_a_record_later_ones_count_for_nothing(name: str, tmp_path: Path) -> None:
    answer = await answer_of(name, tmp_path / "a", known=12)
    assert answer.head.known_at.record == 12
    assert answer.head.slice.last <= 12


@pytest.mark.parametrize("name", REPORTS)
async def test_it_is_a_document_in_every_language(name: str, tmp_path: Path) -> None:
    answer = await answer_of(name, tmp_path / "a")
    for tag in LOCALES:
        check_document(answer, name, tag)


def check_document(answer: Answer, name: str, tag: str) -> None:
    """Look at an answer as people of one language read it."""
    document = report(name).document(answer, ISSUE, language(tag))
    tables = document.tables()
    keys = [table.key for table in tables]
    assert len(keys) == len(set(keys)), "a workbook has a sheet for each table"
    assert document.main in keys
    assert document.title
    assert document.language == tag
    for table in tables:
        assert len({column.key for column in table.columns}) == len(table.columns)
        assert {len(row) for row in table.rows} <= {len(table.columns)}
    if tag != "en":
        english = report(name).document(answer, ISSUE, language("en"))
        assert document.title != english.title or document.title == "Incidents"  # in French too
        assert [section.title for section in document.sections] != [section.title for section in english.sections]
    assert f'lang="{tag}"'.encode() in file_of(answer, ISSUE, "html", tag)


@pytest.mark.parametrize("name", REPORTS)
def test_it_says_what_it_is_for(name: str) -> None:
    made = report(name)
    assert made.PURPOSE.endswith(".")
    assert made.PERIOD in ("month", "biennium")
    assert issubclass(made.ANSWER, Answer)
