"""The committer: everything is written once, in order, in groups; a restart finds the checkpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.clock import ManualClock
from noc.model.seal import PolicyChange
from noc.model.transition import Transition
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT, CHECKPOINT_EVERY_S, GROUP_AT_MOST, RETRY_AFTER_S, Committer, Kept
from noc.state.database import Database, StateError

START = datetime(2026, 3, 1, tzinfo=UTC)


def transition(number: int) -> Transition:
    return Transition("device/a", "down", "up", number, number + 1, "icmp", "p", "confirmed", ((number, False),))


async def until(met: Callable[[], bool]) -> None:
    """Let the database's thread work until something has happened."""
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.001)


async def written(database: Database) -> list[int]:
    async with database.read() as connection:
        assert (await ledger.verify(connection)).broken is None
        return [record.since_ms async for record in ledger.read(connection)]


async def test_all_transitions_are_written_in_order(database: Database) -> None:
    told: list[int] = []
    committer = Committer(
        database, ManualClock(START), list, lambda records: told.extend(record.since_ms for record in records)
    )
    await committer.start()
    for number in range(200):
        committer.put([transition(number)])
    await until(lambda: committer.waiting == 0)
    assert await written(database) == list(range(200))
    assert told == list(range(200))
    await committer.stop()


async def test_what_comes_of_one_result_is_written_together(database: Database) -> None:
    groups: list[int] = []
    committer = Committer(database, ManualClock(START), list, lambda records: groups.append(len(records)))
    several = [transition(number) for number in range(GROUP_AT_MOST - 1)]
    of_one = [replace(transition(number), decided_ms=GROUP_AT_MOST + 9) for number in range(GROUP_AT_MOST, 503)]
    committer.put([*several, *of_one, *[transition(number) for number in range(600, 610)]])
    await committer.start()
    await until(lambda: committer.waiting == 0)
    await committer.stop()
    assert groups[0] == GROUP_AT_MOST - 1 + len(of_one)
    assert sum(groups) == len(several) + len(of_one) + 10


async def test_a_transition_says_where_its_poller_looks_from(database: Database) -> None:
    committer = Committer(database, ManualClock(START), list, vantage_of={"p": "brindisi"}.__getitem__)
    await committer.start()
    committer.put([transition(1), replace(transition(2), vantage="valencia")])
    await committer.stop()
    async with database.read() as connection:
        said = [ledger.transition_of(record).vantage async for record in ledger.read(connection)]
    assert said == ["brindisi", "valencia"]


async def test_stop_writes_what_is_waiting_and_a_checkpoint(database: Database) -> None:
    committer = Committer(database, ManualClock(START), lambda: [("device/a", "up")])
    await committer.start()
    committer.put([transition(1), transition(2)])
    await committer.stop()
    assert await written(database) == [1, 2]
    async with database.read() as connection:
        assert await checkpoint.load(connection, CHECKPOINT) == (START.timestamp() * 1000, [("device/a", "up")])


async def test_a_checkpoint_is_written_now_and_then(database: Database) -> None:
    clock, asked = ManualClock(START), []

    def rows() -> list[checkpoint.Row]:
        asked.append(clock.monotonic())
        return []

    committer = Committer(database, clock, rows)
    await committer.start()
    async with asyncio.timeout(10):
        while len(asked) < 3:
            await clock.advance(1.0)
            async with database.write() as connection:  # works in real time, one after another: keep step with it
                await checkpoint.load(connection, CHECKPOINT)
    await committer.stop()
    gaps = [later - earlier for earlier, later in pairwise([0.0, *asked[:3]])]
    assert all(CHECKPOINT_EVERY_S <= gap <= CHECKPOINT_EVERY_S * 2 for gap in gaps)
    assert len(asked) == 4


async def test_while_the_database_is_away_transitions_wait_and_none_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database, clock = Database(tmp_path / "noc.db"), ManualClock(START)
    committer = Committer(database, clock, list)
    await committer.start()  # the database isn't open yet: every write fails
    for number in range(5):
        committer.put([transition(number)])
        await clock.advance(RETRY_AFTER_S)
    assert committer.waiting == 5
    assert caplog.text.count("can't be written") == 1
    await database.start()
    await clock.advance(RETRY_AFTER_S)
    await until(lambda: committer.failing is None)
    assert "nothing was lost" in caplog.text
    assert await written(database) == [0, 1, 2, 3, 4]
    await committer.stop()
    await database.stop()


async def test_what_can_not_be_written_at_the_end_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    committer = Committer(Database(tmp_path / "noc.db"), ManualClock(START), list)
    await committer.start()
    committer.put([transition(1)])
    await committer.stop()
    assert "1 transitions could not be written" in caplog.text


async def test_a_failing_sink_of_state_is_an_error_with_the_files_name(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"noc\.db"):
        async with Database(tmp_path / "noc.db").write():
            pass


async def test_a_checkpoint_knows_of_nothing_that_the_ledger_does_not(database: Database) -> None:
    clock, memory = ManualClock(START), ["up"]
    committer = Committer(database, clock, lambda: [("device/a", memory[0])])
    await committer.start()
    async with asyncio.timeout(10):
        async with database.write():  # whoever writes now is behind us
            await clock.advance(CHECKPOINT_EVERY_S)
            memory[0] = "down"
            committer.put([transition(1)])
            looked = asyncio.create_task(both(database))
            await asyncio.sleep(0)
        assert await looked == ([("device/a", "down")], 1)  # a crash here must not lose the change
    await committer.stop()


async def both(database: Database) -> tuple[list[checkpoint.Row], int]:
    async with database.write() as connection:
        saved = await checkpoint.load(connection, CHECKPOINT)
        return (saved[1] if saved else []), (await ledger.verify(connection)).records


async def test_a_checkpoint_that_failed_is_forgotten_when_one_is_written(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(START)
    committer = Committer(database, clock, list)
    await committer.start()
    await database.stop()
    await clock.advance(CHECKPOINT_EVERY_S)
    await until(lambda: committer.failing is not None)
    await database.start()
    while committer.failing is not None:  # no transition comes, and it is well again all the same
        await clock.advance(RETRY_AFTER_S)
        await asyncio.sleep(0.001)
    assert caplog.text.count("can't be written") == caplog.text.count("is written again") == 1
    await committer.stop()


async def test_a_fault_does_not_end_the_ledger(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    clock, broken = ManualClock(START), [True]

    def rows() -> list[checkpoint.Row]:
        if broken[0]:
            raise ValueError("a fault")
        return []

    committer = Committer(database, clock, rows)
    await committer.start()
    await clock.advance(CHECKPOINT_EVERY_S)
    await until(lambda: committer.failing is not None)
    broken[0] = False
    committer.put([transition(1)])
    while committer.failing is not None:
        await clock.advance(RETRY_AFTER_S)
        await asyncio.sleep(0.001)
    assert await written(database) == [1]
    assert caplog.text.count("Traceback") == 1
    await committer.stop()


async def test_what_stands_beside_a_record_is_written_with_it_or_not_at_all(database: Database) -> None:
    kept: list[int] = []

    async def keep(connection: AsyncConnection, record: ledger.Record) -> None:
        await connection.exec_driver_sql(f"INSERT INTO policy VALUES ('{record.seq}', {record.since_ms}, X'00')")  # noqa: S608
        kept.append(record.seq)
        if len(kept) == 1:
            raise StateError("the disk is full")

    clock = ManualClock(START)
    committer = Committer(database, clock, list)
    await committer.start()
    committer.put([transition(1)])
    committer.put_kept(Kept(PolicyChange("poller/hq", 2, "ab"), keep))
    await until(lambda: committer.failing is not None)
    while committer.waiting:
        await clock.advance(RETRY_AFTER_S)
        await asyncio.sleep(0.001)
    await committer.stop()
    assert await written(database) == [1, 2]
    assert kept == [2, 2]
    async with database.read() as connection:
        rows = await connection.exec_driver_sql("SELECT digest, first_ms FROM policy")
        assert rows.all() == [("2", 2)]
