"""Who a step calls, and by what: names of settings to people and channels, for a moment. Pure.

Everything is worked out for the moment at which a step falls due, by what was known then: who looks later, after a
restart, finds the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from alerts.oncall import DAY_MS, Rota, on_call
from alerts.oncallclock import Span, holidays_between, hours_between, without
from alerts.oncallsettings import UTC_ZONE, BusinessHours, Desk
from alerts.policies import DAYLIGHT, AlertSettings
from noc.model.incident import Severity
from noc.model.oncall import Handover, Override

Target = tuple[str, str]
"""A person and a channel."""

NEAR_MS: Final = 3 * DAY_MS
KEPT_AT_MOST: Final = 500
LOOK_AHEAD_MS: Final = 62 * DAY_MS
"""So far ahead business hours are looked for; where there are none, their clock runs always."""


@dataclass(frozen=True)
class Directory:
    """Settings together with what people changed since: who is to be called, looked up by name and moment."""

    settings: AlertSettings
    rota: Rota = field(default_factory=Rota)
    kept: dict[tuple[tuple[str, ...], int, bool], tuple[str, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Whom names meant at moments that were asked for: in a storm it is the same for all incidents of a batch."""

    @classmethod
    def of(cls, settings: AlertSettings) -> Directory:
        """Return the directory of settings."""
        return cls(settings, Rota(settings.schedules, settings.holidays))

    def knowing(self, overrides: Iterable[Override], handovers: Iterable[Handover]) -> Directory:
        """Return the same with other overrides and hand-overs."""
        return Directory(self.settings, self.rota.knowing(overrides, handovers))

    def people(self, names: Iterable[str], at_ms: int, *, is_first: bool = False) -> tuple[str, ...]:
        """Return whom some names mean at a moment, in their order, each once; nobody for what there is not.

        is_first: who is responsible before anybody else: the outgoing, as long as the incoming have not accepted.
        """
        key = tuple(names), at_ms, is_first
        if key not in self.kept:
            if len(self.kept) >= KEPT_AT_MOST:
                self.kept.clear()
            found = (person for name in key[0] for person in self._people(name, at_ms, is_first))
            self.kept[key] = tuple(dict.fromkeys(person for person in found if person in self.settings.people))
        return self.kept[key]

    def targets(
        self, names: Iterable[str], by: Sequence[str] | None, at_ms: int, *, is_first: bool = False
    ) -> tuple[Target, ...]:
        """Return who is called at a moment and how. by: None for the first channel of each that reaches them.

        is_first: as of `people`.
        """
        found: list[Target] = []
        for person in self.people(names, at_ms, is_first=is_first):
            channels = self.settings.channels_of(person)[:1] if by is None else by
            found += [(person, channel) for channel in channels if self.settings.reaches(person, channel)]
        return tuple(dict.fromkeys(found))

    def everywhere(self, names: Iterable[str], at_ms: int) -> tuple[Target, ...]:
        """Return who is called at a moment, each by all that reaches them: for the catch-all."""
        return tuple(
            (person, channel)
            for person in self.people(names, at_ms)
            for channel in dict.fromkeys((*self.settings.channels_of(person), *self.settings.notifiers))
            if self.settings.reaches(person, channel)
        )

    def catch_all(self, at_ms: int) -> tuple[Target, ...]:
        """Return who is told in the end, and how; nobody where the settings name none."""
        last = self.settings.catch_all
        if last is None:
            return ()
        return self.everywhere(last.notify, at_ms) if last.by is None else self.targets(last.notify, last.by, at_ms)

    def desks_by_daylight(self, at_ms: int) -> list[str]:
        """Return all desks: first those in their hours, whose hours end last foremost; then those that open soonest."""
        ends = {name: self._hours_end(desk, at_ms) for name, desk in self.settings.desks.items()}
        opens = {name: self._opens(desk, at_ms) for name, desk in self.settings.desks.items() if ends[name] is None}
        return sorted(ends, key=lambda name: (ends[name] is None, -(ends[name] or 0), opens.get(name, 0)))

    def in_daylight(self, desk: str, at_ms: int) -> bool:
        """Tell whether a desk is in its hours."""
        return self._hours_end(self.settings.desks[desk], at_ms) is not None

    def quiet_until(self, person: str, severity: Severity, at_ms: int) -> int | None:
        """Return until when somebody is not to be disturbed by an incident of a severity; None where they may be."""
        found = self.settings.people.get(person)
        if found is None or found.quiet_hours is None or not found.quiet_hours.covers(severity):
            return None
        spans = hours_between([found.quiet_hours], found.time_zone or UTC_ZONE, at_ms, at_ms + NEAR_MS)
        end_ms = next((end for start, end in spans if start <= at_ms), None)
        return None if end_ms is None or end_ms >= at_ms + NEAR_MS else end_ms  # hours without an end are no hours

    def open_at(self, hours: str, at_ms: int) -> bool:
        """Tell whether a moment is in business hours; always, where there are none of this name."""
        found = self.settings.business_hours.get(hours)
        return found is None or bool(self._open(found, at_ms, at_ms + 1))

    def falls_due(self, hours: str | None, begun_ms: int, after_ms: int) -> int:
        """Return when so much time of business hours has passed; of all time, where there are no hours of the name."""
        found = None if hours is None else self.settings.business_hours.get(hours)
        if found is None:
            return begun_ms + after_ms
        left_ms = after_ms
        for start, end in self._open(found, begun_ms, begun_ms + after_ms + LOOK_AHEAD_MS):
            if end - start > left_ms:
                return start + left_ms
            left_ms -= end - start
        return begun_ms + after_ms

    def passed(self, hours: str | None, begun_ms: int, now_ms: int) -> int:
        """Return how much time of business hours has passed, in milliseconds, as `falls_due` counts it."""
        found = None if hours is None else self.settings.business_hours.get(hours)
        if found is None or now_ms <= begun_ms:
            return max(now_ms - begun_ms, 0)
        spans = self._open(found, begun_ms, now_ms)
        is_never = not spans and not self._open(found, begun_ms, begun_ms + LOOK_AHEAD_MS)
        return now_ms - begun_ms if is_never else sum(end - start for start, end in spans)

    def _people(self, name: str, at_ms: int, is_first: bool) -> Iterator[str]:
        kind, slash, key = name.partition("/")
        if not slash:
            yield name
        elif kind == "person":
            yield key
        elif kind == "team":
            yield from self.settings.teams.get(key, ())
        elif kind == "schedule":
            yield from self._on_call(key, at_ms, is_first)
        elif name == DAYLIGHT:
            yield from self._in_daylight(at_ms, is_first)
        elif key in self.settings.desks:
            yield from self._on_call(self.settings.desks[key].schedule, at_ms, is_first)

    def _in_daylight(self, at_ms: int, is_first: bool) -> tuple[str, ...]:
        """Return who is on call at the first desk, by daylight, that has somebody."""
        for desk in self.desks_by_daylight(at_ms):
            found = self._on_call(self.settings.desks[desk].schedule, at_ms, is_first)
            if found:
                return found
        return ()

    def _on_call(self, schedule: str, at_ms: int, is_first: bool) -> tuple[str, ...]:
        shift = on_call(self.rota, schedule, at_ms) if schedule in self.rota.schedules else None
        if shift is None:
            return ()
        outgoing = tuple(duty.person for duty in shift.duties if duty.why == "hand_over")
        return outgoing if is_first and outgoing else shift.people

    def _hours_end(self, desk: Desk, at_ms: int) -> int | None:
        return next((end for start, end in self._daylight(desk, at_ms, at_ms + NEAR_MS) if start <= at_ms), None)

    def _opens(self, desk: Desk, at_ms: int) -> int:
        far = at_ms + LOOK_AHEAD_MS
        return next((start for start, _ in self._daylight(desk, at_ms, at_ms + 5 * NEAR_MS)), far)

    def _daylight(self, desk: Desk, start_ms: int, end_ms: int) -> list[Span]:
        spans = hours_between(desk.hours, desk.time_zone, start_ms, end_ms)
        return without(spans, self._holidays(desk, start_ms, end_ms))

    def daylight(self, desk: str, start_ms: int, end_ms: int) -> list[Span]:
        """Return the hours of a desk in a time."""
        return self._daylight(self.settings.desks[desk], start_ms, end_ms)

    def _open(self, hours: BusinessHours, start_ms: int, end_ms: int) -> list[Span]:
        spans = hours_between(hours.hours, hours.time_zone, start_ms, end_ms)
        return without(spans, self._holidays(hours, start_ms, end_ms))

    def _holidays(self, of: BusinessHours | Desk, start_ms: int, end_ms: int) -> list[Span]:
        if not of.not_on:
            return []
        return holidays_between(of.not_on, self.rota.is_holiday, of.time_zone, start_ms, end_ms)
