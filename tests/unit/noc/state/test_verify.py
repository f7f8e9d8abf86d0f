"""The proof of the ledger: what is untouched is whole, and whatever is changed, removed or made up is named."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from noc.availability.evidence import Memory
from noc.availability.policy import ProbePolicy
from noc.model.correction import CorrectionDecision
from noc.model.coverage import HOUR_MS
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.pipeline.coverage import CoverageCounts
from noc.pipeline.status import Result, Statuses
from noc.state import coverage, ledger, policies, reports, sealing
from noc.state.chain import OutsideSeal
from noc.state.database import Database, StateError
from noc.state.hours import pack
from noc.state.verify import Proof, proof
from tests.database import empty_database

START = 1_772_323_200_000
POLICY = ProbePolicy.probed_every(600_000, confirm_down=2)
RARE = ProbePolicy.probed_every(5_400_000)
NAMES = [f"device/{number}" for number in range(6)]
HOURS = 8


async def filled(tmp_path: Path, results: Iterable[Result], rare: Iterable[str] = ()) -> Database:
    """Write what the daemon writes of results: changes, hours of coverage, a policy, a window, a correction, a seal."""
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    counts = CoverageCounts()
    statuses = Statuses(lambda result, *rest: counts.take(result.entity, result.time_ms, *rest))
    statuses.watch({**dict.fromkeys(NAMES, POLICY), **dict.fromkeys(rare, RARE)})
    changes: list[Transition] = []
    for result in sorted(results, key=lambda result: result.time_ms):
        changes += statuses.expire(result.time_ms)
        changes += statuses.take(result)
    async with database.write() as connection:
        await ledger.append(connection, changes)
        named: int | None = None
        for hour_ms in counts.due(START + 100 * HOUR_MS):
            columns = counts.columns(hour_ms)
            body = pack(columns, named)
            named = hour_ms if named is None else named
            kept = coverage.kept(columns, body, "poller/hq")
            [record] = await ledger.append(connection, [kept.recorded])
            await kept.keep(connection, record)
        kept = policies.kept("probe: {interval: 10m}\n", START, "poller/hq")
        [record] = await ledger.append(connection, [kept.recorded])
        await kept.keep(connection, record)
        await sealing.seal(connection, "poller/hq", START + sealing.DAY_MS)
    return database


def results(name: str, minutes: Iterable[int], ok: bool = True) -> list[Result]:
    return [Result(name, START + minute * 60_000, ok, "icmp", "hq") for minute in minutes]


def steady() -> list[Result]:
    return [one for number, name in enumerate(NAMES) for one in results(name, range(number, HOURS * 60, 10))]


def tampered(database: Database, *statements: str) -> Proof:
    """Change the past as somebody with the file in his hands would: without the triggers."""
    with sqlite3.connect(database.path) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER ledger_no_{verb}")
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return proof(database.path)


def rewritten(database: Database, body: tuple[str, str], seq: int) -> Proof:
    """Change a body and compute all hashes behind it anew, as somebody would who knows how."""
    with sqlite3.connect(database.path) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER ledger_no_{verb}")
        connection.execute("UPDATE ledger SET body = replace(body, ?, ?) WHERE seq = ?", (*body, seq))
        before = bytes(32)
        for number, text in connection.execute("SELECT seq, body FROM ledger ORDER BY seq").fetchall():
            before = sha256(before + text.encode()).digest()
            connection.execute("UPDATE ledger SET hash = ? WHERE seq = ?", (before, number))
    connection.close()
    return proof(database.path)


async def test_an_untouched_ledger_is_whole(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    database = await filled(tmp_path, steady())
    found = proof(database.path, tell=lambda *said: told.append(said))
    assert found.faults == ()
    assert found.whole
    assert (found.records, found.seals, found.hours, found.policies) == (len(NAMES) + HOURS + 2, 1, HOURS, 1)
    assert told[-1] == ("hours", HOURS, HOURS)
    async with database.read() as connection:
        assert (await ledger.verify(connection)).last_hash == found.last_hash
    await database.stop()


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_really_happened_is_supported(tmp_path: Path, seed: int) -> None:
    """Results at odd times, with gaps, outages and a device that is asked every 90 minutes: never a false alarm."""
    chance = random.Random(seed)  # noqa: S311 made-up results
    happened: list[Result] = []
    for name in [*NAMES, "device/rare"]:
        longest = 90 if name == "device/rare" else 31
        minute, ok = chance.randrange(60), True
        while minute < HOURS * 60:
            happened += results(name, [minute], ok)
            minute += chance.randint(1, longest)
            ok = chance.random() < 0.8
    database = await filled(tmp_path, happened, ["device/rare"])
    assert proof(database.path).faults == ()
    await database.stop()


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE ledger SET body = replace(body, 'up', 'xx') WHERE seq = 3", 3),
        ("UPDATE ledger SET entity = 'device/x' WHERE seq = 3", 3),
        ("UPDATE ledger SET kind = 'clock' WHERE seq = 3", 3),
        ("UPDATE ledger SET since_ms = since_ms + 1 WHERE seq = 3", 3),
        ("UPDATE ledger SET since_ms = since_ms / 10 WHERE seq = 3", 3),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE ledger SET body = 'x' WHERE seq = 3", 3),
        ("UPDATE ledger SET body = CAST(X'ff' AS TEXT) WHERE seq = 3", 3),
        ("UPDATE ledger SET body = X'ff' WHERE seq = 3", 3),
        ("DELETE FROM ledger WHERE seq = 3", 4),
        ("DELETE FROM ledger WHERE seq = 1", 2),
        ("UPDATE ledger SET seq = 99 WHERE seq = 3", 4),
    ],
)
async def test_any_change_of_the_chain_is_named(tmp_path: Path, statement: str, broken_at: int) -> None:
    database = await filled(tmp_path, steady())
    found = tampered(database, statement)
    assert found.broken is not None
    assert found.broken.seq == broken_at
    assert found.records == broken_at - 1 - (statement.startswith("DELETE") or "seq = 99" in statement)
    await database.stop()


async def test_records_that_change_places_are_named(tmp_path: Path) -> None:
    database = await filled(tmp_path, steady())
    moves = ("seq = 1000 WHERE seq = 2", "seq = 2 WHERE seq = 3", "seq = 3 WHERE seq = 1000")
    found = tampered(database, *(f"UPDATE ledger SET {move}" for move in moves))  # noqa: S608
    assert found.broken is not None
    assert found.broken.seq == 2
    await database.stop()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE coverage SET body = zeroblob(20) WHERE seq = 9",
            "coverage of the hour 2026-03-01T02 UTC by poller/hq",
        ),
        ("DELETE FROM coverage WHERE seq = 9", "the coverage of record 9 is gone"),
        ("UPDATE coverage SET rows = 1 WHERE seq = 9", "beside record 9 says something else"),
        ("UPDATE coverage SET digest = 'x' WHERE seq = 9", "beside record 9 says something else"),
        ("INSERT INTO coverage SELECT 5, 'p', rows, digest, body, 99 FROM coverage WHERE seq = 9", "beside record 99"),
        ("UPDATE policy SET body = zeroblob(9)", "was changed"),
        ("DELETE FROM policy", "is not kept any more"),
    ],
)
async def test_any_change_beside_the_chain_is_named(tmp_path: Path, statement: str, sentence: str) -> None:
    database = await filled(tmp_path, steady())
    found = tampered(database, statement)
    assert found.broken is None
    assert any(sentence in fault for fault in found.faults), found.faults
    await database.stop()


async def test_a_past_written_anew_is_named_by_a_seal(tmp_path: Path) -> None:
    database = await filled(tmp_path, steady())
    whole = proof(database.path)
    kept = OutsideSeal("2026-03-01", whole.records, whole.last_hash.hex())
    assert proof(database.path, [kept]).seals == 2
    found = rewritten(database, ("icmp", "icmq"), 3)
    assert found.broken is None  # the chain alone can't tell
    assert "the seal of 2026-03-01" in found.faults[0]
    found = proof(database.path, [kept])
    assert any("the past up to it was written anew" in fault for fault in found.faults)
    await database.stop()


async def test_records_cut_off_at_the_end_are_named_by_a_seal_from_outside(tmp_path: Path) -> None:
    database = await filled(tmp_path, steady())
    kept = OutsideSeal("", proof(database.path).records, proof(database.path).last_hash.hex())
    assert tampered(database, f"DELETE FROM ledger WHERE seq = {kept.record}").whole  # noqa: S608
    assert "records at its end were removed" in proof(database.path, [kept]).faults[0]
    await database.stop()


async def test_time_that_nobody_saw_and_the_ledger_calls_known_is_named(tmp_path: Path) -> None:
    """Somebody takes the record out that says when a device was no longer seen, and makes the chain anew."""
    seen = [one for one in steady() if not (one.entity == NAMES[1] and one.time_ms > START + 2 * HOUR_MS)]
    database = await filled(tmp_path, seen)
    assert proof(database.path).whole
    async with database.read() as connection:
        gone = [one.seq async for one in ledger.read(connection, entity=NAMES[1])][-1]
    found = rewritten(database, ('"status":"unknown"', '"status":"down"'), gone)
    faults = [fault for fault in found.faults if "seal" not in fault]
    assert faults[0] == "the hour 2026-03-01T02 UTC: the ledger calls device/1 known, and nothing was seen of it"
    await database.stop()


async def test_results_too_far_apart_are_named(tmp_path: Path) -> None:
    seen = [one for one in steady() if not (one.entity == NAMES[1] and 62 < (one.time_ms - START) / 60_000 < 108)]
    database = await filled(tmp_path, seen)
    assert proof(database.path).whole
    async with database.read() as connection:
        own = [one async for one in ledger.read(connection, entity=NAMES[1])]
    found = rewritten(database, ('"status":"unknown"', '"status":"up"'), own[1].seq)
    assert any("its results were 3000 s apart, where one speaks for 1800 s" in fault for fault in found.faults)
    await database.stop()


async def test_what_one_of_two_pollers_saw_is_seen(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    counts = {"poller/hq": CoverageCounts(), "poller/field": CoverageCounts()}
    pollers = list(counts)

    def heard(result: Result, before: Memory, after: Memory, stale_after_ms: int) -> None:
        mine = counts[pollers[NAMES.index(result.entity) % 2]]
        mine.take(result.entity, result.time_ms, before, after, stale_after_ms)

    statuses = Statuses(heard)
    statuses.watch(dict.fromkeys(NAMES, POLICY))
    changes = [change for result in sorted(steady(), key=lambda one: one.time_ms) for change in statuses.take(result)]
    async with database.write() as connection:
        await ledger.append(connection, changes)
        for poller, of_poller in counts.items():
            for hour_ms in of_poller.due(START + 100 * HOUR_MS):
                columns = of_poller.columns(hour_ms)
                kept = coverage.kept(columns, pack(columns), poller)
                [record] = await ledger.append(connection, [kept.recorded])
                await kept.keep(connection, record)
    assert proof(database.path).faults == ()
    # Of what the one saw in an hour nothing is left: nobody else did.
    found = tampered(database, f"DELETE FROM coverage WHERE poller = 'poller/field' AND hour_ms = {START + HOUR_MS}")  # noqa: S608
    unseen = "the hour 2026-03-01T01 UTC: the ledger calls device/1 known, and nothing was seen of it"
    assert unseen in found.faults
    assert not any("device/0" in fault for fault in found.faults)
    await database.stop()


async def test_tables_of_decisions_are_worked_out_anew(tmp_path: Path) -> None:
    database = await filled(tmp_path, steady())
    window = WindowDecision("site/x", START, 1, "requested", START, START + 1, "", "UTC", (), "ann", "paint")
    correction = CorrectionDecision("site/x", START, 1, "proposed", 1, 2, "power", "ann", "no power", ("T-1",))
    async with database.write() as connection:
        records = await ledger.append(connection, [window, correction])
        row = "1, 'site/x', 'requested', {0}, {0} + 1, '', 'UTC', '[]', '', 'ann', 'paint', {0}, NULL, NULL, NULL, {1}"
        await connection.exec_driver_sql(f"INSERT INTO window VALUES ({row.format(START, records[0].seq)})")  # noqa: S608
        row = "1, 'site/x', 'proposed', 1, 2, 'power', 'ann', {0}, 'no power', '[\"T-1\"]', NULL, NULL, NULL, {1}"
        values = row.format(START, records[1].seq)
        await connection.exec_driver_sql(f"INSERT INTO correction VALUES ({values})")  # noqa: S608
    assert proof(database.path).faults == ()
    assert proof(database.path).decisions == 2
    found = tampered(database, "UPDATE window SET state = 'approved'", "DELETE FROM correction")
    assert found.faults == (
        "the table says of window 1 that state is 'approved', the ledger 'requested'",
        f"correction 1 of the ledger (record {records[1].seq}) is gone from its table",
    )
    await database.stop()


async def test_reports_that_were_issued_are_compared(tmp_path: Path) -> None:
    database = await filled(tmp_path, steady())
    whole = proof(database.path)
    async with database.write() as connection:
        known = whole.records, whole.last_hash
        for subject in ("2026-10", "2026-11"):
            await reports.keep(
                connection, name="availability", subject=subject, issued_ms=START, known=known, asked="{}", answer="{}"
            )
    assert proof(database.path).faults == ()
    found = tampered(database, "UPDATE report SET digest = 'x' WHERE id = 1", "UPDATE report SET seq = 1 WHERE id = 2")
    assert found.faults == (
        "report 1 (availability) was changed after it was issued",
        "report 2 (availability) was made of a ledger whose record 1 had another hash",
    )
    await database.stop()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "noc.db").write_text("no database at all" * 100)
    with pytest.raises(StateError, match=r"noc\.db"):
        proof(tmp_path / "noc.db")
