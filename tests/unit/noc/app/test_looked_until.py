"""Until when noc looked: what comes after is unknown everywhere, for by the last states it would be up."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.app.away import Back, LastSign
from noc.app.explaining import explain
from noc.app.figures import Figures, part_from, time_of
from noc.app.madeagain import MadeAgain, made_again
from noc.app.reportdesk import ReportDesk
from noc.app.reports import changes_between, drafted, keep, kept, material_of
from noc.availability.columns.statement import names_for, statement
from noc.availability.columns.timelines import from_timelines
from noc.availability.objectives import Targets
from noc.availability.policy import Period
from noc.availability.policytext import policy_text
from noc.availability.timeline import Change, State, Timeline
from noc.clock import ManualClock
from noc.model.away import Away
from noc.model.instants import from_ms, to_ms
from noc.model.transition import Transition
from noc.pipeline.policy import availability_policy
from noc.reports.frame.asked import Asked
from noc.reports.frame.registry import written
from noc.state import checkpoint, corrections, ledger, policies
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database
from noc.state.looked import NO_SIGN_MS, away_at, looked_until
from tests.database import empty_database
from tests.reported import INVENTORY, at, month

AT_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
DIED_MS, BACK_MS = at("10-30 00:00"), at("11-03 06:00")
"""Noc of the month dies two days before it ends, and is started again in the next one."""

MONTH = Period(at("10-01 00:00"), at("11-01 00:00"))
BLIND_MS = MONTH.end - DIED_MS


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = empty_database(tmp_path / "noc.db")
    await found.start()
    yield found
    await found.stop()


async def test_where_no_daemon_ever_was_it_is_now(database: Database) -> None:
    async with database.read() as connection:
        assert await looked_until(connection, AT_MS) == AT_MS


@pytest.mark.parametrize(
    ("since_ms", "until_ms"),
    [(0, AT_MS), (NO_SIGN_MS, AT_MS + NO_SIGN_MS), (NO_SIGN_MS + 1, AT_MS), (-5_000, AT_MS - 5_000)],
)
async def test_it_is_now_or_when_a_daemon_wrote_last(database: Database, since_ms: int, until_ms: int) -> None:
    async with database.write() as connection:
        await checkpoint.save(connection, CHECKPOINT, AT_MS, [])
        # What a command beside the daemon remembers is no sign of it.
        await checkpoint.save(connection, "sweep", AT_MS + HOUR_MS, [])
    async with database.read() as connection:
        assert await looked_until(connection, AT_MS + since_ms) == until_ms


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=4),
    st.integers(0, 3_000),
)
def test_of_each_moment_it_is_known_whether_noc_looked(turns: list[tuple[int, int]], asked_s: int) -> None:
    """Against each second of a life of looking and being away, one after the other."""

    async def ask() -> tuple[int, list[Away]]:
        with tempfile.TemporaryDirectory() as folder:
            made = empty_database(Path(folder) / "noc.db")
            await made.start()
            now_s, away = 0, []
            for looks_s, gone_s in turns:
                now_s += looks_s
                if gone_s * 1000 > NO_SIGN_MS:
                    away.append(Away("poller/hq", AT_MS + now_s * 1000, AT_MS + (now_s + gone_s) * 1000))
                now_s += gone_s
            async with made.write() as connection:
                await ledger.append(connection, away)
                await checkpoint.save(connection, CHECKPOINT, AT_MS + max(now_s, asked_s) * 1000, [])
            async with made.read() as connection:
                found = await looked_until(connection, AT_MS + asked_s * 1000)
            await made.stop()
            return found, away

    found, away = asyncio.run(ask())
    expected = AT_MS + asked_s * 1000
    for one in away:
        if one.since_ms + NO_SIGN_MS < AT_MS + asked_s * 1000 <= one.until_ms:
            expected = one.since_ms
    assert found == expected


CHANGES = st.lists(st.tuples(st.integers(0, 60), st.sampled_from([State.UP, State.DOWN, State.UNKNOWN])), max_size=6)


@given(st.dictionaries(st.sampled_from(["device/nbo", "device/juba", "circuit/mpls"]), CHANGES), st.integers(0, 60))
def test_nothing_is_up_or_down_behind_the_end_of_evidence(drawn: dict[str, list[tuple[int, State]]], end: int) -> None:
    """Millisecond by millisecond: before the end the figures are those of no end, behind it all is unknown."""
    raw: dict[str, Timeline] = {}
    for entity, changes in drawn.items():
        timeline: list[Change] = []
        for time, state in sorted(changes):
            if timeline and timeline[-1].time == time:
                continue
            if state is not (timeline[-1].state if timeline else State.UNKNOWN):
                timeline.append(Change(time, state))
        raw[entity] = timeline
    policy, period = availability_policy(INVENTORY), Period(0, 60)
    columns = from_timelines(names_for(raw, policy), raw)
    cut = statement(columns, policy, (), period, end).measured
    whole = statement(columns, policy, (), period, 60).measured
    for entity, answer in cut.entities.items():
        states = [one.state for one in answer.intervals for _ in range(one.start, one.end)]
        of_all = [one.state for one in whole.entities[entity].intervals for _ in range(one.start, one.end)]
        assert set(states[end:]) <= {State.UNKNOWN}
        skew = policy.probe_of(entity).skew
        if end > skew:  # an end piece next to an unreachable one may be another where the end cuts it
            assert states[: end - skew] == of_all[: end - skew]
    of_sites = [one for name, one in cut.entities.items() if name.startswith("site/")]
    assert cut.network.unknown == sum(one.figures.durations.unknown for one in of_sites)


@asynccontextmanager
async def dead(folder: Path) -> AsyncIterator[Database]:
    """Give the month's database as a daemon left it that died in it, with its policy."""
    async with month(folder) as database:
        async with database.write() as connection:
            made = policies.kept(
                policy_text(availability_policy(INVENTORY), whole=True), at("09-30 00:00"), "poller/hq"
            )
            record = (await ledger.append(connection, [made.recorded]))[0]
            await made.keep(connection, record)
            await checkpoint.save(connection, CHECKPOINT, DIED_MS, [])
        yield database


async def issue(database: Database, now_ms: int, **asked: object) -> int:
    """Issue a report as the command line does."""
    one = Asked.model_validate({"report": "availability", "period": "2026-10", "by": "device", **asked})
    async with database.read() as connection:
        answer = await drafted(material_of(connection, INVENTORY, now_ms, lambda _: None), one)
    async with database.write() as connection:
        return (await keep(connection, answer, now_ms)).id


async def unknown_of(database: Database, number: int) -> set[float]:
    """Return how long the entities of a report were unknown, in seconds."""
    async with database.read() as connection:
        _, answer = await kept(connection, number)
    lines = [answer.total, *answer.lines]  # type: ignore[attr-defined]
    return {line.measured.unknown_s for line in lines if line.entity != "network"}


async def come_back(database: Database) -> None:
    """Do what a daemon does at its start: what grew stale, then for how long it was away, then a checkpoint."""
    clock = ManualClock(from_ms(BACK_MS))
    committer = Committer(database, clock, rows=tuple)
    sign = LastSign(database)
    await sign.start()
    stale = [
        Transition(name, "unknown", "up", DIED_MS + 180_000, BACK_MS, "icmp", "hq", "stale", ())
        for name in ("device/nbo", "device/juba", "device/juba-sw", "device/juba-old", "circuit/mpls", "circuit/sat")
    ]
    committer.put(stale)
    await Back(sign, clock, lambda: committer, "hq").start()
    await committer.flush()
    async with database.write() as connection:
        await checkpoint.save(connection, CHECKPOINT, BACK_MS + 600_000, [])


@pytest.mark.parametrize("by", ["device", "circuit", "site", "region", "network"])
async def test_a_closed_month_in_which_noc_died_is_unknown_from_there(tmp_path: Path, by: str) -> None:
    async with dead(tmp_path) as database:
        number = await issue(database, at("11-02 00:00"), by=by)
        assert await unknown_of(database, number) <= {BLIND_MS / 1000, 2 * BLIND_MS / 1000}
        async with database.read() as connection:
            _, answer = await kept(connection, number)
            assert await made_again(connection, INVENTORY) == MadeAgain(made=1)
    assert answer.head.looked_until_ms == DIED_MS
    assert not answer.head.is_running


@pytest.mark.parametrize(
    "asked",
    [{"report": "availability"}, {"report": "biennium", "period": "2026-2027"}, {"report": "carrier"}],
    ids=["availability", "biennium", "carrier"],
)
async def test_a_report_of_a_time_away_is_the_same_bytes_after_it(tmp_path: Path, asked: dict[str, str]) -> None:
    async with dead(tmp_path) as database:
        first = await issue(database, at("11-02 00:00"), **asked)
        await come_back(database)
        async with database.read() as connection:
            assert await made_again(connection, INVENTORY) == MadeAgain(made=1)
        second = await issue(database, BACK_MS + 700_000, **asked)
        assert second != first
        async with database.read() as connection:
            assert await made_again(connection, INVENTORY) == MadeAgain(made=2)
            _, answer = await kept(connection, second)
            changed = await changes_between(connection, first, second)
            told = await explain(connection, INVENTORY, "site/juba", MONTH, BACK_MS + 700_000)
    assert [one.why for one in changed.records] == [
        "noc did not look from 2026-10-30T00:00:00Z to 2026-11-03T06:00:00Z"
    ]
    assert [one.kind for one in told.decisions if one.kind != "correction"] == ["away"]
    assert answer.head.looked_until_ms is None
    assert "looked_until_ms" not in written(answer)


async def test_one_that_says_that_noc_looked_while_it_was_away_is_named(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        async with database.read() as connection:
            material = material_of(connection, INVENTORY, at("11-02 00:00"), lambda _: None)
            head = await material.head(Asked(report="availability", period="2026-10", by="device"))
            told = head.model_copy(update={"looked_until_ms": None})
            improved = await drafted(replace(material, told=told), head.asked)
        async with database.write() as connection:
            await keep(connection, improved, at("11-02 00:00"))
        await come_back(database)
        async with database.read() as connection:
            (fault,) = (await made_again(connection, INVENTORY)).faults
    assert fault.endswith("more of its figures differ")
    assert "says total measured availability_pct 99.93" in fault


async def test_after_a_restart_the_time_away_is_unknown(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        await come_back(database)
        number = await issue(database, BACK_MS + 700_000)
        # A result speaks for its `stale_after`, as it does everywhere.
        assert await unknown_of(database, number) == {BLIND_MS / 1000 - 180}


async def test_as_known_while_noc_was_away_is_the_same_before_and_after(tmp_path: Path) -> None:
    """Somebody approves a correction while no daemon runs: its record knows no more than the last look."""
    async with dead(tmp_path) as database:
        span = ("device/juba-old", at("10-09 08:00"), at("10-09 09:00"), "false_reading")
        async with database.write() as connection:
            held = await corrections.propose(connection, *span, who="ann", why="so", now_ms=at("11-01 09:00"))  # type: ignore[arg-type]
            await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=at("11-01 10:00"))
            known = (await ledger.newest(connection, 1))[0].seq
        now, figures = at("11-02 00:00"), []
        for moment_ms in (now, BACK_MS + 900_000):
            if moment_ms != now:
                await come_back(database)
            service = Figures(database, lambda: INVENTORY, ManualClock(from_ms(moment_ms)))
            async with database.read() as connection:
                assert await time_of(connection, known, moment_ms) == DIED_MS
                told = await explain(connection, INVENTORY, "site/juba", MONTH, DIED_MS, known)
                assert told.measured.unknown == BLIND_MS
            figures.append(await service.statement(MONTH, known))
        assert figures[0] == figures[1]
        assert figures[0].measured.entities["device/nbo"].figures.durations.unknown == BLIND_MS


async def test_figures_of_the_api_end_where_looking_ended_until_all_is_judged(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        just_back = Figures(database, lambda: INVENTORY, ManualClock(from_ms(BACK_MS + 5_000)))
        found = (await just_back.statement(MONTH)).measured
        assert {one.figures.durations.unknown for one in found.entities.values()} == {BLIND_MS}
        assert found.network.unknown == 2 * BLIND_MS


async def test_parts_end_there_too(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        part = "interface/juba/ge0"
        async with database.write() as connection:
            up = Transition(part, "up", "unknown", MONTH.start, MONTH.start, "snmp", "hq", "confirmed", ())
            await ledger.append(connection, [up])
        figures = Figures(database, lambda: INVENTORY, ManualClock(from_ms(at("11-02 00:00"))))
        found = await figures.stated(part, MONTH)
        assert found is not None
        assert found.measured.entities[part].figures.durations.unknown == BLIND_MS
        async with database.read() as connection:
            until_ms = await time_of(connection, None, at("11-02 00:00"))
            again = await part_from(connection, INVENTORY, part, MONTH, until_ms)
        assert again is not None
        assert again.measured == found.measured


async def test_the_daemon_issues_what_the_shell_would_until_it_has_judged(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        clock = ManualClock(from_ms(BACK_MS + 5_000))
        figures = Figures(database, lambda: INVENTORY, clock)
        desk = ReportDesk(database, lambda: INVENTORY, Targets, clock, figures=figures)
        made = await desk.issue(Asked(report="availability", period="2026-10", by="device"))
        assert await unknown_of(database, made.id) == {BLIND_MS / 1000}
        await come_back(database)
        async with database.read() as connection:
            assert await made_again(connection, INVENTORY) == MadeAgain(made=1)


async def test_who_comes_back_soon_was_not_away(tmp_path: Path) -> None:
    async with dead(tmp_path) as database:
        clock = ManualClock(from_ms(DIED_MS + NO_SIGN_MS))
        committer, sign = Committer(database, clock, rows=tuple), LastSign(database)
        await sign.start()
        await Back(sign, clock, lambda: committer, "hq").start()
        assert committer.waiting == 0
        await come_back(database)
        async with database.read() as connection:
            away = await away_at(connection, BACK_MS)
            assert away == Away("poller/hq", DIED_MS, BACK_MS)
            assert await away_at(connection, BACK_MS + 1) is None
            assert await away_at(connection, DIED_MS + NO_SIGN_MS) is None
        assert to_ms(clock.now()) < BACK_MS
