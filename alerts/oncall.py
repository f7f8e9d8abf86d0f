"""Who is on call: a pure computation over layers, holidays, overrides, hand-overs, and a moment.

Of the layers the last one that has somebody counts. Where a schedule asks for hand-overs, the outgoing stay until the
incoming have accepted. Overrides go over all of that, the newest over older ones. A schedule has a hole where all of
that leaves nobody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

from alerts.oncallclock import IsHoliday, Span, common, cut, holidays_between, hours_between, turns_between, without
from alerts.oncallholidays import is_holiday_of
from alerts.oncallsettings import Holidays, Layer, Schedule
from noc.model.instants import length_ms, to_ms
from noc.model.oncall import Handover, Override

Why = Literal["layer", "override", "hand_over"]

DAY_MS: Final = 86_400_000
BLOCK_MS: Final = 64 * DAY_MS
"""Layers are worked out for so long at once, and kept."""

NEAR_MS: Final = 35 * DAY_MS
"""So far around a moment shifts are looked at: longer ones are told from, or up to, there."""

BLOCKS_AT_MOST: Final = 200
_LAYER: Final = "layer "


@dataclass(frozen=True, slots=True)
class Duty:
    """A person, and why: which layer, the number of the override, or that the next has not accepted."""

    person: str
    why: Why
    by: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A time with the same people on call, `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int
    duties: tuple[Duty, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Return who is on call."""
        return tuple(duty.person for duty in self.duties)


@dataclass(frozen=True)
class Rota:
    """All that says who is on call by schedules."""

    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    holidays: Mapping[str, Holidays] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    handovers: tuple[Handover, ...] = ()
    kept: dict[tuple[str, int], list[Shift]] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out of layers, by schedule and block: the same whenever it is asked for."""

    def knowing(self, overrides: Iterable[Override], handovers: Iterable[Handover]) -> Rota:
        """Return the same with other overrides and hand-overs."""
        return replace(self, overrides=tuple(overrides), handovers=tuple(handovers))

    @cached_property
    def is_holiday(self) -> IsHoliday:
        """Return what tells whether a day is one of a named set of holidays."""
        return is_holiday_of(self.holidays)


def on_call(rota: Rota, name: str, at_ms: int, known_ms: int | None = None) -> Shift | None:
    """Return who is on call by a schedule at a moment, and since and until when; None where nobody is.

    known_ms: what was written later is left out; by default the moment itself. Raises KeyError for a schedule unknown.
    """
    known_ms = at_ms if known_ms is None else known_ms
    shifts = timeline(rota, name, at_ms - NEAR_MS, at_ms + NEAR_MS, known_ms)
    index = bisect_right(shifts, at_ms, key=lambda shift: shift.start_ms) - 1
    return shifts[index] if index >= 0 and at_ms < shifts[index].end_ms else None


def timeline(rota: Rota, name: str, start_ms: int, end_ms: int, known_ms: int) -> list[Shift]:
    """Return the shifts of a schedule in a time, in order, without overlaps; where there is none, is a hole.

    Raises KeyError for a schedule unknown.
    """
    schedule = rota.schedules[name]
    shifts = _joined(_of_layers(rota, name, start_ms, end_ms))
    if schedule.hand_over:
        records = [one for one in rota.handovers if one.schedule == name]
        shifts = list(_held(schedule, shifts, records, known_ms))
    for override in sorted(rota.overrides, key=lambda one: one.id):
        is_near = override.start_ms < end_ms and override.end_ms > start_ms
        if override.schedule == name and is_near and override.holds(known_ms):
            shifts = _overridden(shifts, override, start_ms, end_ms)
    return _joined(shifts)


def holes(rota: Rota, name: str, start_ms: int, end_ms: int, known_ms: int) -> list[Span]:
    """Return when a schedule should have somebody on call and has nobody. Raises KeyError for a schedule unknown."""
    schedule = rota.schedules[name]
    wanted: list[Span] = [(start_ms, end_ms)]
    if schedule.covers is not None:
        wanted = hours_between(schedule.covers, schedule.time_zone, start_ms, end_ms)
    if schedule.not_on:
        free = holidays_between(schedule.not_on, rota.is_holiday, schedule.time_zone, start_ms, end_ms)
        wanted = without(wanted, free)
    there = [(shift.start_ms, shift.end_ms) for shift in timeline(rota, name, start_ms, end_ms, known_ms)]
    return without(wanted, there)


def _of_layers(rota: Rota, name: str, start_ms: int, end_ms: int) -> list[Shift]:
    """Return the shifts of the layers of a schedule, in order, cut to a time; those that touch are not joined."""
    found: list[Shift] = []
    for block in range(start_ms // BLOCK_MS, (end_ms - 1) // BLOCK_MS + 1):
        key = name, block
        if key not in rota.kept:
            if len(rota.kept) >= BLOCKS_AT_MOST:
                rota.kept.clear()
            rota.kept[key] = _stacked(rota, name, block * BLOCK_MS, (block + 1) * BLOCK_MS)
        found += _cut(rota.kept[key], start_ms, end_ms)
    return found


def _stacked(rota: Rota, name: str, start_ms: int, end_ms: int) -> list[Shift]:
    schedule = rota.schedules[name]
    found: list[Shift] = []
    for number, layer in reversed(list(enumerate(schedule.layers))):
        free = without([(start_ms, end_ms)], [(one.start_ms, one.end_ms) for one in found])
        times = common(_allowed(rota, schedule, layer, start_ms, end_ms), free)
        below = [
            replace(shift, start_ms=start, end_ms=end)
            for shift in _of_layer(rota, name, number, start_ms, end_ms)
            for start, end in common([(shift.start_ms, shift.end_ms)], _near(times, shift))
        ]
        found = sorted([*found, *below], key=lambda shift: shift.start_ms)
    return found


def layer_number(duty: Duty) -> int | None:
    """Return which layer of its schedule, from 1 on, a duty comes from that has no name; None: from no such one."""
    number = duty.by.removeprefix(_LAYER)
    is_layer = duty.why == "layer" and number != duty.by and number.isascii() and number.isdigit()
    return int(number) if is_layer else None


def _near(times: Sequence[Span], shift: Shift) -> Sequence[Span]:
    """Return those of some times in order that may touch a shift."""
    first = bisect_right(times, shift.start_ms, key=lambda span: span[1])
    return times[first : bisect_right(times, shift.end_ms, key=lambda span: span[0])]


def _of_layer(rota: Rota, name: str, number: int, start_ms: int, end_ms: int) -> Iterator[Shift]:
    schedule = rota.schedules[name]
    layer = schedule.layers[number]
    said = layer.name or f"{_LAYER}{number + 1}"
    rotates = layer.calendar is None and not layer.shifts
    turns = turns_between(layer, schedule.time_zone, start_ms, end_ms) if rotates else _written(layer, start_ms, end_ms)
    for (start, end), people in turns:
        yield Shift(start, end, tuple(Duty(person, "layer", said) for person in dict.fromkeys(people)))


def _written(layer: Layer, start_ms: int, end_ms: int) -> Iterator[tuple[Span, list[str]]]:
    """Yield shifts written one by one, in order and cut to a time; where some overlap, all their people are on call."""
    found = [
        (to_ms(one.start), to_ms(one.end), one.people)
        for one in layer.shifts
        if to_ms(one.start) < end_ms and to_ms(one.end) > start_ms
    ]
    edges = {edge for start, end, _ in found for edge in (start, end) if start_ms < edge < end_ms}
    for start, end in pairwise(sorted({start_ms, end_ms, *edges})):
        people = [person for first, last, names in found if first <= start < last for person in names]
        if people:
            yield (start, end), people


def _allowed(rota: Rota, schedule: Schedule, layer: Layer, start_ms: int, end_ms: int) -> list[Span]:
    zone = schedule.time_zone
    times: list[Span] = [(start_ms, end_ms)]
    if layer.hours:
        times = hours_between(layer.hours, zone, start_ms, end_ms)
    if layer.only_on:
        times = common(times, holidays_between(layer.only_on, rota.is_holiday, zone, start_ms, end_ms))
    if layer.not_on:
        times = without(times, holidays_between(layer.not_on, rota.is_holiday, zone, start_ms, end_ms))
    return times


def _overridden(shifts: Sequence[Shift], override: Override, start_ms: int, end_ms: int) -> list[Shift]:
    span = max(override.start_ms, start_ms), min(override.end_ms, end_ms)
    duty = Duty(override.person, "override", str(override.id))
    outside = [
        replace(shift, start_ms=start, end_ms=end)
        for shift in shifts
        for start, end in without([(shift.start_ms, shift.end_ms)], [span])
    ]
    inside = [Shift(*span, (duty,))]
    if override.instead_of is not None:
        inside = [
            replace(shift, duties=_instead(shift.duties, override.instead_of, duty)) for shift in _cut(shifts, *span)
        ]
    return sorted([*outside, *inside], key=lambda shift: shift.start_ms)


def _instead(duties: Sequence[Duty], person: str, duty: Duty) -> tuple[Duty, ...]:
    changed = [duty if one.person == person else one for one in duties]
    return tuple({one.person: one for one in reversed(changed)}.values())[::-1]


def _held(schedule: Schedule, shifts: Sequence[Shift], records: Sequence[Handover], known_ms: int) -> Iterator[Shift]:
    """Yield shifts with the outgoing on them until the incoming have accepted, as far as hand-offs have come."""
    yield from shifts[:1]
    for before, shift in pairwise(shifts):
        people = set(shift.people)
        if before.end_ms != shift.start_ms or shift.start_ms > known_ms or people == set(before.people):
            yield shift
            continue
        accepted = [
            one.accepted_ms
            for one in records
            if one.accepted_ms is not None
            and one.accepted_ms <= known_ms
            and (
                one.at_ms == shift.start_ms or (one.incoming in people and before.start_ms <= one.at_ms < shift.end_ms)
            )
        ]
        over_ms = min(accepted, default=shift.end_ms)
        late_ms = shift.start_ms + length_ms(schedule.accept_within)
        staying = tuple(
            Duty(duty.person, "hand_over", "not accepted") for duty in before.duties if duty.person not in people
        )
        yield from _cut([replace(shift, duties=staying or shift.duties)], shift.start_ms, min(over_ms, late_ms))
        yield from _cut([replace(shift, duties=(*shift.duties, *staying))], late_ms, over_ms)
        yield from _cut([shift], over_ms, shift.end_ms)


def _cut(shifts: Iterable[Shift], start_ms: int, end_ms: int) -> list[Shift]:
    return [
        replace(shift, start_ms=start, end_ms=end)
        for shift in shifts
        for start, end in cut([(shift.start_ms, shift.end_ms)], start_ms, end_ms)
    ]


def _joined(shifts: Iterable[Shift]) -> list[Shift]:
    """Return the same shifts, those that touch and have the same people for the same reasons as one."""
    found: list[Shift] = []
    for shift in shifts:
        if found and found[-1].end_ms == shift.start_ms and found[-1].duties == shift.duties:
            found[-1] = replace(found[-1], end_ms=shift.end_ms)
        else:
            found.append(shift)
    return found
