"""What becomes of the readings and events of a remote poller: who may speak of what, and when it was said.

A reading of what is known enters by the same door as one of the centre's own. One that is older than what the centre
knows goes the way of late evidence, and one of something that isn't the poller's goes nowhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from noc.app.gathering import Plan
from noc.app.pollersettings import PollersSettings, Reach, reach_of
from noc.app.probeplan import check_of
from noc.app.remotepollers import Heard
from noc.clock import Clock
from noc.model.check import Check
from noc.model.event import Event
from noc.model.instants import length_ms, to_ms
from noc.model.reading import Reading

log = logging.getLogger(__name__)

LATE_MS: Final = 60_000
"""What is older, and older than evidence of its kind is good for, is late: nobody is called for it."""

EVENTS_WAKE_MS: Final = 600_000
"""Events that are older are kept, and wake no rule."""

LEFT_MS: Final = 3_600_000
"""So long what a poller read before a reload is taken, though that took it out of its scope."""

TOLD_AT_MOST: Final = 20
"""Refusals of one poller that the log tells one by one."""

_US_OF_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Doors:
    """Where things go. reading: takes one of now, late: one of before. is_late: whether a result of liveness of an
    entity, by a poller, is of before.

    event: takes one, and returns whether there was room; quiet: nobody is to be told. kept: is called when it is on
    disk.
    """

    reading: Callable[[Check, Reading], None]
    late: Callable[[Check, Reading], None]
    is_late: Callable[[str, str, int], bool]
    event: Callable[[Event, Callable[[], None], bool], bool]


@dataclass(slots=True)
class Tally:
    """What was taken, and what was not. refused: of what is not the poller's, or unreadable, or of the future."""

    readings: int = 0
    events: int = 0
    late: int = 0
    refused: int = 0


class Taking:
    """Takes what pollers send. withheld: whether a failure says nothing, because the poller has lost its way out."""

    def __init__(
        self,
        plan: Plan,
        settings: PollersSettings,
        clock: Clock,
        doors: Doors,
        withheld: Callable[[Heard, Check, Reading], bool] = lambda *_: False,
    ) -> None:
        self._clock = clock
        self._doors = doors
        self._withheld = withheld
        self._last: dict[str, int] = {}
        self._left: dict[tuple[str, str], tuple[int, Check]] = {}
        self.reach = Reach({})
        self._refusals: dict[str, int] = {}
        self._corrected: set[str] = set()
        self.tally = Tally()
        self.replace(plan, settings)

    def replace(self, plan: Plan, settings: PollersSettings) -> None:
        """Go on with other devices, end points and groups."""
        self._plan = plan
        self._bound_ms = length_ms(settings.clock_bound)
        before, self.reach = self.reach, reach_of(settings, plan.inventory)
        checks = [*plan.checks(), *map(check_of, plan.inventory.endpoints.values())]
        far = frozenset[str]().union(*self.reach.scopes.values())
        self._checks = {check.key: check for check in checks if _key(check) in far}
        self._last = {key: at_ms for key, at_ms in self._last.items() if key in self._checks}
        self._let_go(before, checks)

    @property
    def scopes(self) -> Mapping[str, frozenset[str]]:
        """Return what each group's pollers may speak of: devices by id, end points as endpoint/ID."""
        return self.reach.scopes

    def note(self, heard: Heard) -> str:
        """Return what is said of the times of a poller's evidence; empty where its clock is right."""
        ahead_us = self._ahead_us(heard)
        return f"clock {ahead_us / 1_000_000:+.1f} s, corrected" if ahead_us else ""

    def reading(self, heard: Heard, key: str, reading: Reading) -> bool:
        """Take a reading; return whether the poller may speak of this."""
        reading = self._in_time(heard, reading)
        check = self._check_of(heard.row.group, key, to_ms(reading.started_at))
        if check is None:
            return self._refuse(heard, f"{key[:120]} is not in the scope of its group")
        if reading.check != check.kind:
            return self._refuse(heard, f"{key[:120]} brought a reading of {reading.check[:40]}")
        time_ms, now_ms = to_ms(reading.started_at), to_ms(self._clock.now())
        if time_ms > now_ms + self._bound_ms:
            return self._refuse(heard, f"{key[:120]} was read {(time_ms - now_ms) / 1000:.1f} s from now")
        self.tally.readings += 1
        if self._withheld(heard, check, reading):
            return True
        if self._is_late(heard, check, time_ms, now_ms):
            self.tally.late += 1
            self._doors.late(check, reading)
        else:
            self._last[key] = time_ms
            self._doors.reading(check, reading)
        return True

    def _check_of(self, group: str, key: str, time_ms: int) -> Check | None:
        """Return a check that a group's pollers made at a moment, as far as they might; None: they might not."""
        check = self._checks.get(key)
        if check is not None and _key(check) in self.scopes.get(group, ()):
            return check
        left_ms, check = self._left.get((group, key), (-1, None))
        return check if time_ms <= left_ms else None

    def _let_go(self, before: Reach, checks: Iterable[Check]) -> None:
        """Remember what left a scope just now: what was read before that is still on its way."""
        now_ms = to_ms(self._clock.now())
        self._left = {key: one for key, one in self._left.items() if now_ms - one[0] < LEFT_MS}
        for check in checks:
            for group, scope in before.scopes.items():
                if _key(check) in scope and _key(check) not in self.scopes.get(group, ()):
                    self._left[group, check.key] = now_ms, check

    def event(self, heard: Heard, event: Event, kept: Callable[[], None]) -> bool | None:
        """Take an event; return whether the poller may speak of this. None: there is no room for it."""
        device = (event.device or "").removeprefix("device/")
        if event.device is None or device not in self.scopes.get(heard.row.group, ()):
            self._refuse(heard, f"an event of {(event.device or event.source)[:120]}, which is not in its scope")
            return False
        ahead_ms = self._ahead_us(heard) // _US_OF_MS
        if ahead_ms:
            event = replace(event, first_ms=event.first_ms - ahead_ms, last_ms=event.last_ms - ahead_ms)
        now_ms = to_ms(self._clock.now())
        if event.last_ms > now_ms + self._bound_ms:
            self._refuse(heard, f"an event of {event.device} came {(event.last_ms - now_ms) / 1000:.1f} s from now")
            return False
        if not self._doors.event(event, kept, now_ms - event.last_ms > EVENTS_WAKE_MS):
            return None
        self.tally.events += 1
        return True

    def wrong(self, heard: Heard, why: str) -> None:
        """Count an entry that can't be read."""
        self._refuse(heard, why)

    def _is_late(self, heard: Heard, check: Check, time_ms: int, now_ms: int) -> bool:
        inventory, (kind, _, name) = self._plan.inventory, check.entity.partition("/")
        watch = (inventory.endpoints[name] if kind == "endpoint" else inventory.devices[name]).watch
        stale_s = watch.stale_after / timedelta(seconds=1)
        good_s = stale_s if check.liveness else check.interval_s * stale_s / (watch.interval / timedelta(seconds=1))
        if now_ms - time_ms > max(LATE_MS, good_s * 1000):
            return True
        if check.liveness:
            return self._doors.is_late(check.entity, heard.row.name, time_ms)
        return time_ms <= self._last.get(check.key, time_ms - 1)

    def _in_time(self, heard: Heard, reading: Reading) -> Reading:
        ahead_us = self._ahead_us(heard)
        return (
            replace(reading, started_at=reading.started_at - timedelta(microseconds=ahead_us)) if ahead_us else reading
        )

    def _ahead_us(self, heard: Heard) -> int:
        """Return by how much times of a poller are corrected: not at all within the bound."""
        ahead_us = heard.row.offset_us
        if ahead_us is None or abs(ahead_us) <= self._bound_ms * _US_OF_MS:
            if heard.row.name in self._corrected:
                self._corrected.discard(heard.row.name)
                log.warning("%s: its clock is right again", heard.row.entity)
            return 0
        if heard.row.name not in self._corrected:
            self._corrected.add(heard.row.name)
            message = "%s: its clock is off by %+.1f s; its times are corrected by that until it is right"
            log.warning(message, heard.row.entity, ahead_us / 1_000_000)
        return ahead_us

    def _refuse(self, heard: Heard, why: str) -> bool:
        self.tally.refused += 1
        told = self._refusals[heard.row.name] = self._refusals.get(heard.row.name, 0) + 1
        if told <= TOLD_AT_MOST:
            log.warning("%s: not taken: %s", heard.row.entity, why)
        return False


def _key(check: Check) -> str:
    """Return by what a share is drawn: a device's id, or endpoint/ID."""
    return check.entity.removeprefix("device/")
