"""Watches noc itself: opens incidents of `poller/<name>`, which go to people as all others do, and tells the pages.

A concern is a question with an answer in one sentence. To add one, add it to a list that noc/app/build.py hands over;
nothing else has to know of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from alerts.rules.made import Made
from noc.clock import Clock, Timer
from noc.model.incident import Fact, RuleTransition, Severity
from noc.model.instants import to_ms
from noc.state import incidents
from noc.state.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0
CLEAR_AFTER_S: Final = 30.0
"""How long all must be well again before an incident is over: what comes and goes is one incident."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something of noc itself that people must hear of.

    rule: of its incidents. why: says what is wrong and what to do; None while all is well. hold_s: for so long it must
    be so.
    """

    rule: Made
    severity: Severity
    hold_s: float
    why: Callable[[], str | None]


@dataclass(slots=True)
class _State:
    """since_s: monotonic, since when it is wrong; well_s: since when it is well. raised: an incident is open."""

    since_s: float | None = None
    since_ms: int = 0
    well_s: float | None = None
    raised: bool = False
    said: str = ""


class SelfWatch:
    """A service. poller: name of this noc. put_rules: takes transitions of rules, as the committer does.

    elsewhere: tells whether a rule's incidents of noc itself are looked after by somebody else.
    """

    def __init__(
        self,
        clock: Clock,
        database: Database,
        poller: str,
        put_rules: Callable[[Iterable[RuleTransition]], None],
        concerns: Sequence[Concern],
        elsewhere: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._clock = clock
        self._database = database
        self._poller = poller
        self._entity = f"poller/{poller}"
        self._put_rules = put_rules
        self._concerns = {concern.rule.name: concern for concern in concerns}
        self._elsewhere = elsewhere
        self._states = {rule: _State() for rule in self._concerns}
        self._timer: Timer | None = None

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return what is wrong with noc itself and told to people, a sentence each."""
        return tuple(state.said for state in self._states.values() if state.raised)

    async def start(self) -> None:
        """Take up incidents that are open from before a restart, then look. What nobody asks any more is cleared."""
        async with self._database.read() as connection:
            opened = [one for one in await incidents.all_open(connection) if one.entity.startswith("poller/")]
        now_ms = to_ms(self._clock.now())
        for incident in opened:
            state = self._states.get(incident.rule)
            if state is None and self._elsewhere(incident.rule):
                continue
            if state is None or incident.entity != self._entity:
                facts: dict[str, Fact] = {"reason": "nobody looks at it any more"}
                self._put(incident.rule, incident.entity, "cleared", incident.severity, now_ms, facts)
                continue
            state.raised, state.since_ms = True, incident.since_ms
            state.said = str(incident.facts.get("said", ""))
        self._look()

    async def stop(self) -> None:
        """End; what is open stays open."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now_s, now_ms = self._clock.monotonic(), to_ms(self._clock.now())
        for concern in self._concerns.values():
            self._judge(concern, self._states[concern.rule.name], concern.why(), now_s, now_ms)
        self._timer = self._clock.call_later(LOOK_EVERY_S, self._look)

    def _judge(self, concern: Concern, state: _State, why: str | None, now_s: float, now_ms: int) -> None:
        if why is None:
            state.since_s = None
            if state.well_s is None:
                state.well_s = now_s
            if state.raised and now_s - state.well_s >= CLEAR_AFTER_S:
                state.raised = False
                self._put(concern.rule.name, self._entity, "cleared", concern.severity, now_ms, {"reason": "back"})
            return
        state.well_s = None
        state.said = why
        if state.since_s is None:
            state.since_s = now_s
            if not state.raised:
                state.since_ms = now_ms
        if not state.raised and now_s - state.since_s >= concern.hold_s:
            state.raised = True
            facts: dict[str, Fact] = {**concern.rule.said, "said": why}
            self._put(concern.rule.name, self._entity, "raised", concern.severity, state.since_ms, facts)

    def _put(
        self,
        rule: str,
        entity: str,
        status: Literal["raised", "cleared"],
        severity: Severity,
        since_ms: int,
        facts: dict[str, Fact],
    ) -> None:
        decided_ms = to_ms(self._clock.now())
        self._put_rules([RuleTransition(rule, entity, status, severity, since_ms, decided_ms, self._poller, facts)])


class Grown:
    """Whether a count has grown of late: such as what was shed. within_s: of the last growth."""

    def __init__(self, clock: Clock, count: Callable[[], int], within_s: float) -> None:
        self._clock = clock
        self._count = count
        self._within_s = within_s
        self._known = 0
        self._grew_s: float | None = None

    def lately(self) -> int:
        """Return the count where it has grown of late, else 0."""
        count, now_s = self._count(), self._clock.monotonic()
        if count > self._known:
            self._known, self._grew_s = count, now_s
        return count if self._grew_s is not None and now_s - self._grew_s < self._within_s else 0
