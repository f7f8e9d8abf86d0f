"""Incidents, escalation and people at once, step by step, in any order: what must hold after every step.

A machine makes up what happens: devices fail and come back, people acknowledge (for a while too), take over, begin,
resolve, reopen, at the same moment as the engine works; time passes; mails go out or fail; noc is restarted.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from alerts import desk
from alerts.notifiers._ports import Message, NotifyError
from noc.model.errors import ConflictError, UsageError
from noc.model.incident import Incident
from noc.state.database import Transaction
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed

CALLS = frozenset({"page", "reminder", "escalation"})
DEVICES = ("a", "b")
SECOND_STEP_MS = 15 * MINUTE
"""Of the policy of the house."""

Deed = Callable[[Transaction, int, int], Awaitable[object]]
DEEDS: dict[str, Deed] = {
    "acknowledge": lambda connection, number, now_ms: desk.acknowledge(connection, number, now_ms, "achieng"),
    "for a while": lambda connection, number, now_ms: desk.acknowledge(
        connection, number, now_ms, "achieng", until_ms=now_ms + 10 * MINUTE
    ),
    "take over": lambda connection, number, now_ms: desk.own(connection, number, now_ms, "berta"),
    "begin": lambda connection, number, now_ms: desk.start(connection, number, now_ms, "achieng"),
    "resolve": lambda connection, number, now_ms: desk.resolve(connection, number, now_ms, "berta"),
    "reopen": lambda connection, number, now_ms: desk.reopen(connection, number, now_ms, "berta"),
    "note": lambda connection, number, now_ms: desk.note(connection, number, now_ms, "berta", "rain"),
}


class Alerting(RuleBasedStateMachine):
    """A house, and what is known to be true of its world."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="noc-test-"))
        self.down: set[str] = set()
        self.refuses = False

    @initialize()
    def begin(self) -> None:
        """Open the house."""
        self.house = House(self.folder)
        self.house.mailbox.takes = self._answer
        self.run(self.house.database.start())
        self.senders = self.house.new_dispatch()

    def teardown(self) -> None:
        """Close it."""
        if hasattr(self, "house"):
            self.run(self.house.database.stop())
        self.loop.close()
        shutil.rmtree(self.folder)

    def run(self, work: Awaitable[object]) -> object:
        return self.loop.run_until_complete(asyncio.ensure_future(work, loop=self.loop))

    def _answer(self, _: Message) -> None:
        if self.refuses:
            raise NotifyError("451 try again later")

    def now_ms(self) -> int:
        return START_MS + int(self.house.clock.monotonic() * 1000)

    @rule(name=st.sampled_from(DEVICES))
    def a_device_changes(self, name: str) -> None:
        self.down ^= {name}
        status, before = ("down", "up") if name in self.down else ("up", "down")
        self.run(self.house.handle(changed(status, self.now_ms(), f"device/{name}", before)))  # type: ignore[arg-type]

    @rule(minutes=st.sampled_from((1, 4, 11, 16, 40)))
    def time_passes(self, minutes: int) -> None:
        self.run(self.house.later(minutes))

    @rule(word=st.sampled_from(sorted(DEEDS)), number=st.integers(1, 4))
    def somebody_acts_while_the_engine_works(self, word: str, number: int) -> None:
        async def act() -> None:
            try:
                async with self.house.database.write() as connection:
                    await DEEDS[word](connection, number, self.now_ms())
            except (LookupError, ConflictError, UsageError):
                return  # there is none, it is over, it is somebody else's: said, and nothing was changed

        async def both() -> None:
            self.house.clock.stall(1)
            await asyncio.gather(self.house.engine.work(), act())
            await self.house.engine.work()

        self.run(both())

    @rule(refuses=st.booleans())
    def mails_go_out(self, refuses: bool) -> None:
        self.refuses = refuses
        self.run(self.house.send_all(self.senders))

    @rule()
    def noc_is_restarted(self) -> None:
        async def restart() -> None:
            await self.house.restart()
            await self.house.engine.work()

        self.run(restart())
        self.senders = self.house.new_dispatch()

    @invariant()
    def what_must_hold(self) -> None:
        if hasattr(self, "house"):
            self.run(self._holds())

    async def _holds(self) -> None:
        found = await self.house.incidents()
        open_ones = Counter((one.rule, one.entity) for one in found if one.resolved_ms is None)
        assert set(open_ones.values()) <= {1}, "one open incident of a rule and an entity"
        for one in found:
            await self._holds_of(one)
        sent = Counter(message.key for message in self.house.mailbox.got)
        assert set(sent.values()) <= {1}, "nobody is told anything twice"
        covered = {one.entity for one in found if one.resolved_ms is None or one.resolved_by is not None}
        assert {f"device/{name}" for name in self.down} <= covered, "what is down is somebody's"
        still = {one.entity for one in found if one.resolved_ms is None and one.reopened_ms is None}
        assert still <= {f"device/{name}" for name in self.down}, "what is up is nobody's, but what was reopened"

    async def _holds_of(self, one: Incident) -> None:
        notices = await self.house.notices(one.id)
        calls = [notice for notice in notices if notice.kind in CALLS]
        assert [notice.kind for notice in notices if notice.kind == "page"], "each is a page"
        if one.state in ("acknowledged", "in_progress"):
            assert not [call for call in calls if call.state == "queued"], "who owns it is called no more"
        if one.resolved_ms is not None:
            late = [call for call in calls if call.state == "queued" and call.kind != "page"]
            assert not late, "nobody is called to what is over"
        begun_ms = max(one.opened_ms, one.reopened_ms or 0)
        if one.state == "new" and self.now_ms() - begun_ms < SECOND_STEP_MS:
            after = [call for call in calls if call.kind != "page" and call.created_ms >= begun_ms]
            assert one.reopened or after == [], "the second step waits for its time"
        lines = Counter(kind for kind, _ in await self.house.lines(one.id))
        assert lines["opened"] == 1
        assert abs(lines["resolved"] - lines["reopened"] - (one.resolved_ms is not None)) == 0, "the timeline tells all"


QUICK = settings(max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=300, stateful_step_count=30)


def test_what_must_hold_holds_after_every_step() -> None:
    run_state_machine_as_test(Alerting, settings=QUICK)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_must_hold_holds_after_every_one_of_many_steps() -> None:
    run_state_machine_as_test(Alerting, settings=LONG)
