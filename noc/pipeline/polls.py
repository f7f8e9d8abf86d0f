"""How each check of each device went last: what fails is told once, and once when it is well again. Pure, in memory.

Up and down are the business of liveness alone (noc/pipeline/status.py). Here stands why a device that is up can't be
read, or what its liveness check said when it failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from noc.model.check import Check
from noc.model.event import clean
from noc.model.instants import to_ms
from noc.model.present import PollNow
from noc.model.reading import Failure, Reading, SnmpLine

REASON_AT_MOST: Final = 400
"""Characters of a reason that are kept: there may be one for each check of each device."""

QUANTILES: Final = (0.5, 0.99, 1.0)

_BY_COMMANDS: Final = ("ssh", "backup")
"""Checks that may find nothing due, and ask nothing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a Reading. told: what people are to hear of it. before, now: as the check was, and is; at_ms: of the
    Reading. now is None where it asked nothing.
    """

    at_ms: int
    is_up: bool
    now: PollNow | None = None
    before: PollNow | None = None
    told: PollNow | None = None

    def unread_s(self, up_since_ms: int | None) -> float | None:
        """Return for how many seconds the check has failed of a device that is up; None where that is no news.

        0 where it is well again, or for the first time.
        """
        if self.now is None:
            return None
        if self.now.ok:
            return None if self.before is not None and self.before.ok else 0.0
        if not self.is_up:
            return None
        return max(0, self.at_ms - max(self.now.since_ms, up_since_ms or 0)) / 1000


class Polls:
    """Remembers all checks, also those of liveness. counted: failures by check and kind."""

    def __init__(self) -> None:
        self._now: dict[str, dict[str, PollNow]] = {}
        self._told: set[tuple[str, str]] = set()
        self.counted: Counter[tuple[str, ...]] = Counter()

    def take(self, check: Check, reading: Reading, *, is_up: bool) -> Taken:
        """Take a Reading. is_up: the device is, as far as liveness tells.

        Told is a check that begins to fail, or that still fails when the device is up again; never one of liveness.
        """
        at_ms, failure = to_ms(reading.started_at), reading.failure
        if failure is None and check.kind in _BY_COMMANDS and reading.ssh is None:
            return Taken(at_ms, is_up)
        checks = self._now.setdefault(check.entity, {})
        before = checks.get(check.kind)
        now = checks[check.kind] = _with_line(_after(before, check.kind, at_ms, failure), before, reading.line)
        if failure is not None:
            self.counted[check.kind, failure.kind.value] += 1
        key = (check.entity, check.kind)
        news = False
        if now.ok:
            news = key in self._told
            self._told.discard(key)
        elif is_up and not check.liveness:
            news = key not in self._told
            self._told.add(key)
        return Taken(at_ms, is_up, now, before, now if news else None)

    def of(self, entity: str) -> tuple[PollNow, ...]:
        """Return how the checks of a device went, by name."""
        checks = self._now.get(entity, {})
        return tuple(checks[kind] for kind in sorted(checks))

    @property
    def failing(self) -> Mapping[str, float]:
        """Return of how many devices a check fails, by check."""
        found: Counter[str] = Counter()
        for checks in self._now.values():
            for one in checks.values():
                found[one.check] += not one.ok
        return {check: float(found[check]) for check in sorted(found)}

    @property
    def round_trips(self) -> Mapping[str, float]:
        """Return how long SNMP agents take to answer, seconds, smoothed for each: the half of them, 99 %, and all."""
        checks = (one for checks in self._now.values() for one in checks.values())
        found = sorted(one.line.rtt_s for one in checks if one.line is not None)
        return {str(share): found[round(share * (len(found) - 1))] for share in QUANTILES if found}

    def retain(self, asked: Iterable[Check]) -> None:
        """Forget what is no longer asked."""
        wanted = {(check.entity, check.kind) for check in asked}
        self._told &= wanted
        for entity, checks in list(self._now.items()):
            for kind in [kind for kind in checks if (entity, kind) not in wanted]:
                del checks[kind]
            if not checks:
                del self._now[entity]


def _with_line(now: PollNow, before: PollNow | None, line: SnmpLine | None) -> PollNow:
    known = line or (None if before is None else before.line)
    return now if known == now.line else replace(now, line=known)


def _after(before: PollNow | None, check: str, at_ms: int, failure: Failure | None) -> PollNow:
    if failure is None:
        return before if before is not None and before.ok else PollNow(check, at_ms)
    cleaned = Failure(failure.kind, clean(failure.reason, REASON_AT_MOST))
    if before is None or before.ok:
        return PollNow(check, at_ms, cleaned, 1)
    return PollNow(check, before.since_ms, cleaned, before.failures + 1)
