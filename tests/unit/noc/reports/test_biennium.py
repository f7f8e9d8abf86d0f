"""The biennium's row: target, estimate of the running one, actual of those that are over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from noc.i18n.language import language
from noc.model.errors import UsageError
from noc.reports.biennium import document, gather
from noc.reports.frame.asked import Asked
from tests.reported import at, reported

ASKED = Asked(report="biennium", period="2026-2027", by="network")
YEAR_MS = 366 * 86_400_000


async def test_an_estimate_of_the_running_one_from_where_the_ledger_begins(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED)
    assert [column.text for column in answer.columns] == ["2026-2027", "2024-2025", "2022-2023", "2020-2021"]
    running = answer.columns[0]
    assert not running.is_over
    assert running.seen_from_ms == at("09-30 00:00")
    assert running.measured is not None
    assert running.measured.failed_s == 3_600
    assert running.measured.unknown_s == 0  # 33 days of both sites were seen
    assert [column.measured for column in answer.columns[1:]] == [None, None, None]
    (row,) = [table for table in document(answer, None, language("fr")).tables() if table.key == "biennium"]
    assert [cells[0] for cells in row.rows] == ["Objectif", "Estimation", "Résultat effectif"]
    assert [cells[1] for cells in row.rows] == [99.8, running.measured.availability_pct, None]


async def test_what_is_over_is_actual(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        later = replace(material, now_ms=at("11-02 00:00") + 2 * YEAR_MS)
        answer = await gather(later, ASKED.model_copy(update={"period": "2028-2029"}))
    assert [column.is_over for column in answer.columns] == [False, True, True, True]
    (row,) = [table for table in document(answer, None, language("en")).tables() if table.key == "biennium"]
    actual = row.rows[2]
    assert actual[1] is None
    assert isinstance(actual[2], float)


async def test_other_periods_are_refused(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        with pytest.raises(UsageError, match="2026-10 is no biennium"):
            await gather(material, ASKED.model_copy(update={"period": "2026-10"}))
        with pytest.raises(UsageError, match="whole network"):
            await gather(material, ASKED.model_copy(update={"of": "site/juba"}))
