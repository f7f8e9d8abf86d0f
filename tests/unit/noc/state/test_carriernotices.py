"""Notices of carriers become windows, move them and take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from noc.maintenance.imports import Step
from noc.maintenance.notice import Notice
from noc.model.errors import ConflictError
from noc.state import carriernotices, windows
from noc.state.database import Database
from tests.unit.noc.maintenance.test_notices import HOUR, INVENTORY, MARCH, notice

NOW = MARCH - 24 * HOUR


async def imported(database: Database, notices: Sequence[Notice], now_ms: int = NOW) -> list[Step]:
    async with database.read() as connection:
        before = await carriernotices.known(connection, notices)
    plan = carriernotices.planned(notices, before, INVENTORY, "ann", now_ms)
    async with database.write() as connection:
        return await carriernotices.write(connection, plan, "ann", now_ms)


async def test_a_notice_is_asked_for_moved_and_taken_back(database: Database) -> None:
    (asked,) = await imported(database, [notice()])
    assert (asked.word, asked.window) == ("request", 1)
    async with database.write() as connection:
        await windows.approve(connection, 1, who="bob", now_ms=NOW)
    moved = await imported(database, [notice(sequence=2, end_ms=MARCH + 2 * HOUR)], NOW + 1)
    assert [(step.word, step.window) for step in moved] == [("cancel", 1), ("request", 2)]
    (again,) = await imported(database, [notice(sequence=2, end_ms=MARCH + 2 * HOUR)], NOW + 2)
    assert (again.word, again.window) == ("unchanged", 2)
    (gone,) = await imported(database, [notice(sequence=3, cancelled=True)], NOW + 3)
    assert (gone.word, gone.window) == ("cancel", 2)
    async with database.read() as connection:
        found = await windows.page(connection)
    assert [(one.number, one.state, one.request.source) for one in found] == [
        (2, "cancelled", "42@carrier"),
        (1, "cancelled", "42@carrier"),
    ]


async def test_a_rule_that_is_none_is_told(database: Database) -> None:
    (found,) = await imported(database, [notice(rrule="FREQ=MINUTELY")])
    assert (found.word, found.window) == ("wrong", None)
    assert "FREQ must be one of" in found.why


async def test_two_imports_at_once_ask_for_nothing_twice(database: Database) -> None:
    async with database.read() as connection:
        before = await carriernotices.known(connection, [notice()])
    await imported(database, [replace(notice())])
    plan = carriernotices.planned([notice()], before, INVENTORY, "ann", NOW)
    with pytest.raises(ConflictError, match="import them again"):
        async with database.write() as connection:
            await carriernotices.write(connection, plan, "ann", NOW)
