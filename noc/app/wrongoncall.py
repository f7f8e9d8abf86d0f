"""What `noc check` finds wrong with who is on call: names that there are not, people nobody reaches, hours without
anybody in the coming year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from alerts.oncall import DAY_MS, Rota, holes, timeline
from alerts.oncallclock import Span, merged, without
from alerts.oncallholidays import wrong_country
from alerts.oncallsettings import Schedule
from alerts.oncalltargets import Directory
from alerts.policies import DAYLIGHT, AlertSettings, CatchAll, Step
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.model.instants import from_ms
from noc.settings.schema import Places, validate_data
from noc.settings.written import mapping
from noc.settings.yamltext import Data

YEAR_MS: Final = 366 * DAY_MS
NAMED_AT_MOST: Final = 3
"""Holes of a schedule that a finding names; the others are counted."""

Path = tuple[str | int, ...]
Wrong = tuple[Path, str]
Known = Mapping[str, Collection[str]]
"""Names by the key of `alerts:` under which they stand."""


PARTS: Final = ("people", "teams", "holidays", "business_hours", "schedules", "desks", "policies", "notifiers")
"""Keys of `alerts:` that hold things by name."""


def as_far_as_right(written: Mapping[str, Data], places: Places) -> AlertSettings:
    """Return the things of `alerts:` that are right each by itself, so that a wrong one doesn't hide what else is."""
    right: dict[str, Data] = {}
    for part in PARTS:
        kept: dict[str, Data] = {}
        for name, value in mapping(written, part).items():
            with suppress(InputError):
                validate_data(AlertSettings, {part: {name: value}}, places, ("alerts",))
                kept[name] = value
        right[part] = kept
    return validate_data(AlertSettings, right, places, ("alerts",))


def wrong_oncall(settings: AlertSettings, places: Places, written: Mapping[str, Data]) -> Iterator[Finding]:
    """Yield names in schedules, desks, holidays and hours that there are not, and people whom nothing reaches.

    written: `alerts:` as it stands in the file; names are known by what is written, right or wrong.
    """
    known: Known = {part: {*getattr(settings, part), *mapping(written, part)} for part in PARTS}
    for path, message in (*_unknown(settings, known), *_unknown_hours(settings, known), *_unreached(settings)):
        yield places.place("alerts", *path).finding(message)


def uncovered(settings: AlertSettings, places: Places, now_ms: int) -> Iterator[Finding]:
    """Yield when nobody is on call, and somebody should be, in the year from a moment on."""
    directory = Directory.of(settings)
    for name, schedule in settings.schedules.items():
        if _is_unread(schedule):
            continue
        found = holes(directory.rota, name, now_ms, now_ms + YEAR_MS, now_ms)
        if found:
            message = f"schedule '{name}': {_said(found, str(schedule.time_zone))}; let a layer cover them, or say with"
            message += " `covers` when somebody has to be there"
            yield places.key_place("alerts", "schedules", name).finding(message)
    yield from _dark(settings, directory, places, now_ms)


def _dark(settings: AlertSettings, directory: Directory, places: Places, now_ms: int) -> Iterator[Finding]:
    """Yield hours in which no desk has daylight, or nobody at any desk is on call, where a policy goes by them."""
    if not settings.desks or not any(DAYLIGHT in step.notify for _, step in _steps(settings)):
        return
    known = settings.schedules
    year: list[Span] = [(now_ms, now_ms + YEAR_MS)]
    daylight = merged(span for name in settings.desks for span in directory.daylight(name, now_ms, now_ms + YEAR_MS))
    dark = without(year, daylight)
    place = places.key_place("alerts", "desks")
    if dark:
        said = f"desks: no desk has daylight {_hours(dark, 'UTC')}; {DAYLIGHT} calls the one that opens next then"
        yield replace(place.finding(said), level="warning")
    named = [desk.schedule for desk in settings.desks.values()]
    if not known.keys() >= set(named) or any(_is_unread(known[name]) for name in named):
        return  # and that is told
    nobody = without(year, _anybody(directory.rota, {desk.schedule for desk in settings.desks.values()}, now_ms))
    if nobody:
        yield place.finding(
            f"desks: nobody is on call at any desk {_hours(nobody, 'UTC')}; let their schedules cover it"
        )


def _is_unread(schedule: Schedule) -> bool:
    """Tell whether a calendar of a schedule has nothing: then it is wrong, and that is told."""
    return any(layer.calendar is not None and not layer.shifts for layer in schedule.layers)


def _anybody(rota: Rota, schedules: Collection[str], now_ms: int) -> list[Span]:
    return merged(
        (shift.start_ms, shift.end_ms)
        for name in schedules
        if name in rota.schedules
        for shift in timeline(rota, name, now_ms, now_ms + YEAR_MS, now_ms)
    )


def _said(found: Sequence[Span], zone: str) -> str:
    return f"nobody is on call {_hours(found, zone)}"


def _hours(found: Sequence[Span], zone: str) -> str:
    """Return holes in words: the first ones one by one, in the wall clock of a zone, and what they add up to."""
    named = "; ".join(_span(span, zone) for span in found[:NAMED_AT_MOST])
    hours = sum(end - start for start, end in found) / 3_600_000
    more = f" and {len(found) - NAMED_AT_MOST:,} more times" if len(found) > NAMED_AT_MOST else ""
    return f"{named}{more} ({hours:,.6g} hours of the coming year, {zone})"


def _span(span: Span, zone: str) -> str:
    start, end = (from_ms(edge).astimezone(ZoneInfo(zone)) for edge in span)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"from {start:%a %Y-%m-%d %H:%M} to {until}"


def _steps(settings: AlertSettings) -> Iterator[tuple[Path, Step | CatchAll]]:
    for name, policy in settings.policies.items():
        for index, step in enumerate(policy.steps):
            yield ("policies", name, "steps", index), step
    if settings.catch_all is not None:
        yield ("catch_all",), settings.catch_all


def _unknown(settings: AlertSettings, known: Known) -> Iterator[Wrong]:
    for name, holidays in settings.holidays.items():
        wrong = wrong_country(holidays)
        if wrong is not None:
            yield ("holidays", name), f"holidays '{name}': {wrong}"
    for name, schedule in settings.schedules.items():
        path: Path = ("schedules", name)
        yield from _sets(known, schedule.not_on, (*path, "not_on"), f"schedule '{name}'")
        for number, layer in enumerate(schedule.layers):
            where: Path = (*path, "layers", number)
            yield from _sets(known, layer.not_on, (*where, "not_on"), f"schedule '{name}'")
            yield from _sets(known, layer.only_on, (*where, "only_on"), f"schedule '{name}'")
            turns = [*((("people", n), turn) for n, turn in enumerate(layer.people))]
            turns += [(("shifts", n), shift.people) for n, shift in enumerate(layer.shifts)]
            for step, people in turns:
                for person in people:
                    if person not in known["people"]:
                        hint = did_you_mean(person, known["people"])
                        yield (*where, *step), f"schedule '{name}': unknown person '{person}'{hint}"
    for name, desk in settings.desks.items():
        yield from _sets(known, desk.not_on, ("desks", name, "not_on"), f"desk '{name}'")
        if name == DAYLIGHT.partition("/")[2]:
            yield ("desks", name), f"a desk can't be called '{name}': {DAYLIGHT} means the one in daylight"
        if desk.schedule not in known["schedules"]:
            hint = did_you_mean(desk.schedule, known["schedules"])
            yield ("desks", name, "schedule"), f"desk '{name}': unknown schedule '{desk.schedule}'{hint}"


def _unknown_hours(settings: AlertSettings, known: Known) -> Iterator[Wrong]:
    for name, hours in settings.business_hours.items():
        yield from _sets(known, hours.not_on, ("business_hours", name, "not_on"), f"business hours '{name}'")
    wanted: list[tuple[Path, str | None]] = []
    for name, policy in settings.policies.items():
        wanted.append((("policies", name, "hours"), policy.hours))
        for index, step in enumerate(policy.steps):
            wanted.append((("policies", name, "steps", index, "during"), step.during))
            wanted.append((("policies", name, "steps", index, "outside"), step.outside))
    for path, word in wanted:
        if word is not None and word not in known["business_hours"]:
            hint = did_you_mean(word, known["business_hours"])
            yield path, f"policy '{path[1]}': unknown business hours '{word}'{hint}"


def _sets(known: Known, names: Sequence[str], path: Path, whose: str) -> Iterator[Wrong]:
    for index, name in enumerate(names):
        if name not in known["holidays"]:
            yield (*path, index), f"{whose}: unknown holidays '{name}'{did_you_mean(name, known['holidays'])}"


def _unreached(settings: AlertSettings) -> Iterator[Wrong]:
    """Yield people whom a team, schedule or desk means, and no notifier of the step reaches."""
    told: set[tuple[str, tuple[str, ...] | None]] = set()
    for path, step in _steps(settings):
        for index, name in enumerate(step.notify):
            for person in _members(settings, name):
                by = step.by
                reached = settings.channels_of(person) if by is None else [c for c in by if settings.reaches(person, c)]
                if person in settings.people and not reached and (person, by) not in told:
                    told.add((person, by))
                    means = "of their `channels` (default: email)" if by is None else f"of {', '.join(by)}"
                    message = f"'{name}' means '{person}' too, whom none {means} reaches; give an address"
                    yield (*path, "notify", index), message


def _members(settings: AlertSettings, name: str) -> list[str]:
    """Return everybody whom a name may mean at some time; nobody for a person's own, which alerts/reach.py looks at."""
    kind, _, key = name.partition("/")
    if kind == "team":
        return list(settings.teams.get(key, ()))
    if kind == "desk":
        desks = settings.desks.values() if name == DAYLIGHT else filter(None, [settings.desks.get(key)])
        return [one for desk in desks for one in _members(settings, f"schedule/{desk.schedule}")]
    if kind != "schedule" or key not in settings.schedules:
        return []
    layers = settings.schedules[key].layers
    turns = [turn for layer in layers for turn in (*layer.people, *(shift.people for shift in layer.shifts))]
    return list(dict.fromkeys(person for turn in turns for person in turn))
