"""Corrections need two people, stand in the chain step by step, and count once they are approved."""

from __future__ import annotations

import pytest

from noc.model.correction import CorrectionStep
from noc.state import corrections, ledger
from noc.state.corrections import CorrectionError
from noc.state.database import Database

NOW = 1_000_000


async def proposed(database: Database, entity: str = "device/a", who: str = "ann") -> int:
    async with database.write() as connection:
        found = await corrections.propose(
            connection, entity, 1_000, 5_000, "carrier", who=who, why="fibre cut", evidence=["INC-1", " "], now_ms=NOW
        )
    assert (found.state, found.evidence, found.decided_by) == ("proposed", ("INC-1",), None)
    return found.number


async def test_one_proposes_another_approves(database: Database) -> None:
    number = await proposed(database)
    async with database.read() as connection:
        assert await corrections.approved(connection) == []
    async with database.write() as connection:
        found = await corrections.decide(connection, number, "approved", who="bob", why="seen", now_ms=NOW + 1)
    assert (found.state, found.decided_by, found.decided_ms, found.seq) == ("approved", "bob", NOW + 1, 2)
    async with database.read() as connection:
        (one,) = await corrections.approved(connection)
        assert (one.entity, one.start, one.end, one.cause, one.order) == ("device/a", 1_000, 5_000, "carrier", 2)
        assert await corrections.approved(connection, known=1) == []
        held = await corrections.steps(connection, number)
        assert [(seq, step.step, step.who) for seq, step in held] == [(1, "proposed", "ann"), (2, "approved", "bob")]
        assert (await ledger.verify(connection)).broken is None


@pytest.mark.parametrize(
    ("who", "step", "why"),
    [
        ("Ann", "approved", "somebody else must decide"),
        ("ann", "rejected", "somebody else must decide"),
        ("bob", "withdrawn", "only ann can withdraw"),
        (" ", "approved", "give a name"),
    ],
)
async def test_who_may_not_decide(database: Database, who: str, step: CorrectionStep, why: str) -> None:
    number = await proposed(database)
    with pytest.raises(CorrectionError, match=why):
        async with database.write() as connection:
            await corrections.decide(connection, number, step, who=who, why="", now_ms=NOW)
    async with database.read() as connection:
        (found,) = await corrections.page(connection, states=["proposed"])
        assert found.number == number
        assert [record.seq async for record in ledger.read(connection)] == [1]


async def test_what_is_decided_stays_so(database: Database) -> None:
    number = await proposed(database)
    async with database.write() as connection:
        await corrections.decide(connection, number, "withdrawn", who="ann", why="a mistake", now_ms=NOW)
        with pytest.raises(CorrectionError, match="withdrawn already, by ann"):
            await corrections.decide(connection, number, "approved", who="bob", why="", now_ms=NOW)
        with pytest.raises(CorrectionError, match="no correction 99"):
            await corrections.decide(connection, 99, "approved", who="bob", why="", now_ms=NOW)


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "who", "why", "said"),
    [
        (5, 5, "ann", "x", "end after it begins"),
        (5, NOW + 1, "ann", "x", "time that is over"),
        (5, 9, "", "x", "needs somebody"),
        (5, 9, "ann", " ", "needs somebody"),
    ],
)
async def test_what_is_refused(database: Database, start_ms: int, end_ms: int, who: str, why: str, said: str) -> None:
    with pytest.raises(CorrectionError, match=said):
        async with database.write() as connection:
            await corrections.propose(connection, "device/a", start_ms, end_ms, "lan", who=who, why=why, now_ms=NOW)


async def test_pages_are_newest_first(database: Database) -> None:
    numbers = [await proposed(database, f"device/{n}") for n in range(3)]
    async with database.read() as connection:
        found = await corrections.page(connection, limit=2)
        assert [one.number for one in found] == numbers[:0:-1]
        rest = await corrections.page(connection, before=found[-1].number)
        assert [one.number for one in rest] == numbers[:1]
        assert [one.number for one in await corrections.page(connection, entity="device/1")] == [numbers[1]]
