"""What of a past can't be played again, and why: told rather than left out in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from alerts.rules.compiled import ExpressionRule, Judged, Rules
from alerts.rules.measurements import FOR_RULES
from noc.availability.times import format_time
from noc.inventory.inventory import Inventory
from noc.inventory.layers import AUTO_PROFILE
from noc.model.instants import from_ms
from noc.model.ports import SeriesReader
from noc.model.series import SeriesQuery
from noc.rehearsal.pastnumbers import Found, Refused

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
NAMED: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplayed:
    """What is known of it. found: of each measurement that was asked for. refused: too much at once.

    ledger_ms: since when the ledger knows anything. first_event_ms: of the oldest event. learned: of how many series
    something was learned; wrong: why not. raw: since when numbers are kept as they were measured, by class of device;
    only those of which not all of the time is.
    """

    start_ms: int
    rules: tuple[Rules, Rules]
    inventory: Inventory
    found: Mapping[str, Found]
    refused: tuple[Refused, ...]
    ledger_ms: int | None
    first_event_ms: int | None
    learned: int
    wrong: str
    raw: Mapping[str, int | None]


def unplayed(known: Unplayed) -> Iterator[str]:
    """Yield what could not be played again, a sentence each. Pure."""
    judged = {rule.name: rule for rules in known.rules for rule in rules.judged}.values()
    yield from _of_ledger(known)
    yield from _of_numbers(known, judged)
    yield from _of_events(known)
    learning = sorted(one.name for one in judged if isinstance(one, ExpressionRule) and one.program.learns)
    if known.wrong:
        yield f"what was usual before could not be learned ({known.wrong}): {_named(learning)}"
    elif learning and not known.learned:
        yield f"the store is too young to say what was usual before: {_named(learning)} could not be raised"
    profiled = sorted(one.name for one in judged if one.selection.profiles)
    if profiled and any(one.watch.profile == AUTO_PROFILE for one in known.inventory.devices.values()):
        yield f"which profile a device was found to have isn't kept: {_named(profiled)} saw written ones alone"


def _of_ledger(known: Unplayed) -> Iterator[str]:
    if known.ledger_ms is None:
        yield "the ledger is empty: no outage was played again"
    elif known.ledger_ms > known.start_ms:
        yield f"the ledger begins at {format_time(known.ledger_ms)}: of outages before nothing is known"


def _of_numbers(known: Unplayed, judged: Iterable[Judged]) -> Iterator[str]:
    by_measurement: dict[str, list[str]] = {}
    for rule in judged:
        for name in rule.measurements:
            by_measurement.setdefault(name, []).append(rule.name)
    never = sorted({rule for name, rules in by_measurement.items() if name in FOR_RULES for rule in rules})
    if never:
        unkept = "numbers that no store keeps (of noc itself, neighbours, addresses of ports)"
        yield f"{unkept}: {_named(never)} could not be raised"
    none = [name for name in sorted(known.found) if not known.found[name].rows]
    if none:
        rules = sorted({rule for name in none for rule in by_measurement.get(name, ())})
        yield f"the store has no number of {_named(none)} in this time: nothing came of {_named(rules)}"
    first = {name: one.first_ms for name, one in known.found.items() if one.first_ms is not None}
    late = {name: at_ms for name, at_ms in first.items() if at_ms > known.start_ms + HOUR_MS}
    if late:
        yield f"numbers of {_named(sorted(late))} begin at {format_time(min(late.values()))} or later"
    for name, at_ms in sorted(known.raw.items()):
        since = "at any time" if at_ms is None else f"before {format_time(at_ms)}"
        yield f"of class {name} the store has no numbers as they were measured {since}, only roll-ups: not played again"
    for refused in known.refused:
        place = " ".join(f"{tag} {name}" for tag, name in refused.place) or "the network"
        yield f"{refused.measurement} of {place} has too many series to be read at once: not played again"


def _of_events(known: Unplayed) -> Iterator[str]:
    names = sorted({rule.name for rules in known.rules for rule in rules.events})
    if not names:
        return
    if known.first_event_ms is None:
        yield f"no events are kept: nothing came of {_named(names)}"
        return
    if known.first_event_ms > known.start_ms:
        yield f"the oldest event that is kept came at {format_time(known.first_event_ms)}"
    yield "events that came again are kept as one counted row, and were played when the last of each came"


async def raw_from(
    store: SeriesReader, asked: Mapping[str, tuple[str, ...]], inventory: Inventory, start_ms: int, end_ms: int
) -> dict[str, int | None]:
    """Return since when numbers are there as they were measured, by class, where that is not all of `[start, end)`.

    None: not at any time. To the day. Raises StoreError.
    """
    if not asked:
        return {}
    measurement, fields = next(iter(asked.items()))
    found: dict[str, int | None] = {}
    for name in sorted({one.device_class for one in inventory.devices.values()}):
        for at_ms in range(start_ms, end_ms, DAY_MS):
            if await _is_raw(store, measurement, fields, name, at_ms):
                if at_ms > start_ms:
                    found[name] = at_ms
                break
        else:
            found[name] = None
    return found


async def _is_raw(store: SeriesReader, measurement: str, fields: tuple[str, ...], name: str, at_ms: int) -> bool:
    where = {"device_class": name}
    step = timedelta(minutes=5)
    answer = await store.read(SeriesQuery(measurement, fields[:1], where, from_ms(at_ms), from_ms(at_ms + 1), step))
    return answer.resolution == "raw"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
