"""Windows need two people, stand in the chain step by step, and are planned time once they are approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from noc.model.errors import ConflictError
from noc.model.window import PlannedWindow, WindowDecision
from noc.state import ledger, windows
from noc.state.database import Database

NOW = 1_000_000
ASKED = WindowDecision(
    "site/a", NOW, 0, "requested", NOW + 5_000, NOW + 9_000, "", "Africa/Nairobi", (), "ann", "new router"
)


async def asked(database: Database, wanted: WindowDecision = ASKED) -> int:
    async with database.write() as connection:
        return (await windows.request(connection, wanted)).number


async def approved(database: Database, wanted: WindowDecision = ASKED) -> int:
    number = await asked(database, wanted)
    async with database.write() as connection:
        await windows.approve(connection, number, who="bob", now_ms=NOW + 1)
    return number


async def test_one_asks_another_approves(database: Database) -> None:
    number = await asked(database)
    async with database.read() as connection:
        assert await windows.approved(connection) == []
        assert await windows.near(connection, NOW + 6_000) == []
    async with database.write() as connection:
        found = await windows.approve(connection, number, who="bob", why="fine", now_ms=NOW + 1)
        assert (found.state, found.number, found.notice_ms) == ("approved", number, 5_000)
    async with database.read() as connection:
        assert await windows.approved(connection) == [found]
        assert await windows.approved(connection, known=1) == []
        assert await windows.near(connection, NOW + 6_000) == [found]
        assert await windows.near(connection, NOW + 9_000) == []
        assert await windows.get(connection, number) == found
        assert await windows.page(connection, states=["requested"]) == []
        assert (await ledger.verify(connection)).records == 2


@pytest.mark.parametrize("who", ["Ann", " ann ", "  "])
async def test_who_may_not_decide(database: Database, who: str) -> None:
    number = await asked(database)
    with pytest.raises(ConflictError, match=r"somebody (else )?must decide"):
        async with database.write() as connection:
            await windows.approve(connection, number, who=who, now_ms=NOW)
    async with database.read() as connection:
        assert (await windows.page(connection))[0].state == "requested"


Step = Callable[..., Awaitable[PlannedWindow]]


@pytest.mark.parametrize(
    ("step", "extra", "now_ms", "said"),
    [
        (windows.approve, {}, NOW, "approved already"),
        (windows.reject, {}, NOW, "approved already"),
        (windows.cancel, {}, NOW + 9_000, "is over"),
        (windows.shorten, {"end_ms": NOW + 10_000}, NOW, "not before, nor later"),
        (windows.shorten, {"end_ms": NOW + 5_000}, NOW, "not before, nor later"),
        (windows.shorten, {"end_ms": NOW + 6_000}, NOW + 7_000, "not before, nor later"),
        (windows.leave_out, {"start_ms": NOW + 5_000}, NOW + 9_000, "is over"),
    ],
)
async def test_what_can_not_be_done(
    database: Database, step: Step, extra: dict[str, int], now_ms: int, said: str
) -> None:
    number = await approved(database)
    with pytest.raises(ConflictError, match=said):
        async with database.write() as connection:
            await step(connection, number, who="eve", now_ms=now_ms, **extra)


async def test_a_request_that_came_too_late_can_not_be_approved(database: Database) -> None:
    number = await asked(database)
    with pytest.raises(ConflictError, match="is over"):
        async with database.write() as connection:
            await windows.approve(connection, number, who="bob", now_ms=NOW + 9_000)


async def test_shorter_and_cancelled(database: Database) -> None:
    number = await approved(database)
    async with database.write() as connection:
        shorter = await windows.shorten(connection, number, NOW + 7_000, who="ann", now_ms=NOW + 6_000)
    assert (shorter.state, shorter.now.end_ms, len(shorter.decisions)) == ("approved", NOW + 7_000, 3)
    async with database.write() as connection:
        gone = await windows.cancel(connection, number, who="ann", why="done", now_ms=NOW + 6_500)
    assert (gone.state, gone.now.why, gone.decisions[:3]) == ("cancelled", "done", shorter.decisions)
    async with database.read() as connection:
        assert await windows.near(connection, NOW + 6_600) == []
        assert await windows.approved(connection) == [gone]  # it was planned time, until then
    with pytest.raises(ConflictError, match="is cancelled"):
        async with database.write() as connection:
            await windows.cancel(connection, number, who="ann", now_ms=NOW + 6_600)


async def test_there_is_no_such_window(database: Database) -> None:
    with pytest.raises(LookupError, match="no window 7"):
        async with database.write() as connection:
            await windows.cancel(connection, 7, who="ann", now_ms=NOW)
