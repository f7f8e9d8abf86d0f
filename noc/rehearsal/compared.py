"""What other rules would have made of the same past: incidents that appear, vanish or move. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from noc.availability.times import format_time
from noc.model.incident import Incident, Notice, Severity, Symptom

CALLS = ("page", "escalation", "reminder")


@dataclass(frozen=True, slots=True)
class Case:
    """A condition that was told of: an incident of its own, or a symptom of one. Times in milliseconds.

    root: the entity of the incident that it was a part of; None: it is one itself. to_ms: None where it went on. calls:
    pages, escalations and reminders by person; a part of another incident has none.
    """

    entity: str
    rule: str
    severity: Severity
    from_ms: int
    to_ms: int | None
    root: str | None = None
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that other rules have, too, but not so. what: how it differs, in words."""

    before: Case
    after: Case
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """appear, vanish, move: incidents, by time. same: how many are equal."""

    appear: tuple[Case, ...]
    vanish: tuple[Case, ...]
    move: tuple[Moved, ...]
    same: int


def cases_of(
    incidents: Sequence[Incident],
    symptoms: Mapping[int, Sequence[Symptom]],
    notices: Iterable[Notice],
    start_ms: int,
    end_ms: int,
) -> tuple[Case, ...]:
    """Return what incidents of one world were about, as far as they lie in `[start_ms, end_ms)`, in order of time."""
    by_number = {one.id: one for one in incidents}
    calls: dict[int, Counter[str]] = defaultdict(Counter)
    for notice in notices:
        if notice.kind in CALLS and notice.sent_ms is not None and start_ms <= notice.sent_ms < end_ms:
            calls[notice.incident][notice.person] += 1
    merged = {(one.rule, one.entity, one.parent) for one in incidents}
    found = []
    for one in incidents:
        above = by_number.get(one.parent or 0)
        root = None if above is None else above.entity
        mine = dict(sorted(calls[one.id].items()))
        found.append(Case(one.entity, one.rule, one.severity, one.opened_ms, one.resolved_ms, root, mine))
        found += [
            Case(part.entity, part.rule, part.severity, part.joined_ms, part.left_ms or one.resolved_ms, one.entity)
            for part in symptoms.get(one.id, ())
            if (part.rule, part.entity, one.id) not in merged and (part.rule, part.entity) != (one.rule, one.entity)
        ]
    inside = [one for one in found if one.from_ms < end_ms and (one.to_ms is None or one.to_ms >= start_ms)]
    return tuple(sorted(inside, key=_order))


def compare(before: Sequence[Case], after: Sequence[Case]) -> Compared:
    """Return how two worlds differ.

    Conditions of one rule and entity that overlap belong together; of what is left, incidents of one entity.
    """
    mine, theirs = _by_condition(before), _by_condition(after)
    appear: list[Case] = []
    vanish: list[Case] = []
    pairs: list[tuple[Case, Case]] = []
    for key in sorted(mine.keys() | theirs.keys()):
        found, gone, new = _paired(mine.get(key, []), theirs.get(key, []))
        pairs += found
        vanish += [one for one in gone if one.root is None]
        appear += [one for one in new if one.root is None]
    for old in sorted(vanish, key=_order):  # another rule may raise it now
        now = next((one for one in appear if one.entity == old.entity and _overlap(old, one)), None)
        if now is not None:
            vanish.remove(old)
            appear.remove(now)
            pairs.append((old, now))
    move = [
        Moved(old, now, what)
        for old, now in sorted(pairs, key=lambda pair: _order(pair[0]))
        if (old.root is None or now.root is None) and (what := tuple(_differences(old, now)))
    ]
    same = sum(old.root is None or now.root is None for old, now in pairs) - len(move)
    return Compared(tuple(sorted(appear, key=_order)), tuple(sorted(vanish, key=_order)), tuple(move), same)


def _by_condition(cases: Iterable[Case]) -> dict[tuple[str, str], list[Case]]:
    found: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for one in cases:
        found[one.rule, one.entity].append(one)
    return found


def _order(one: Case) -> tuple[int, str, str]:
    return one.from_ms, one.entity, one.rule


def _paired(before: Sequence[Case], after: Sequence[Case]) -> tuple[list[tuple[Case, Case]], list[Case], list[Case]]:
    """Return which belong together, which are gone, and which are new."""
    left, pairs, gone = list(after), [], []
    later: list[Case] = []
    for one in before:  # what is equal first, so that nothing takes its place
        equal = next((other for other in left if other.from_ms == one.from_ms and other.root == one.root), None)
        if equal is None:
            later.append(one)
            continue
        left.remove(equal)
        pairs.append((one, equal))
    for one in later:
        over = [other for other in left if _overlap(one, other)]
        if not over:
            gone.append(one)
            continue
        nearest = min(over, key=lambda other: abs(other.from_ms - one.from_ms))
        left.remove(nearest)
        pairs.append((one, nearest))
    return pairs, gone, left


def _overlap(one: Case, other: Case) -> bool:
    return (other.to_ms is None or one.from_ms <= other.to_ms) and (one.to_ms is None or other.from_ms <= one.to_ms)


def _differences(old: Case, now: Case) -> Iterator[str]:
    if old.root != now.root:
        if now.root is None:
            yield f"is an incident of its own, was a part of {old.root}"
        else:
            yield f"is a part of {now.root}" + ("" if old.root is None else f", was of {old.root}")
    if old.rule != now.rule:
        yield f"is raised by {now.rule}, was by {old.rule}"
    if old.severity != now.severity:
        yield f"is {now.severity}, was {old.severity}"
    if old.from_ms != now.from_ms:
        yield f"opens {_shift(now.from_ms - old.from_ms)}"
    if old.to_ms != now.to_ms:
        if old.to_ms is None or now.to_ms is None:
            yield f"ends {_end(now.to_ms)}, was {_end(old.to_ms)}"
        else:
            yield f"ends {_shift(now.to_ms - old.to_ms)}"
    if old.calls != now.calls and old.root == now.root:
        yield f"calls {said(now.calls)}, was {said(old.calls)}"


def said(calls: Mapping[str, int]) -> str:
    """Return who is called how often, in words."""
    return ", ".join(f"{person} {number}" for person, number in calls.items()) or "nobody"


def _shift(by_ms: int) -> str:
    seconds = abs(by_ms) // 1000
    parts = ((seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    long = " ".join(f"{number}{unit}" for number, unit in parts if number) or f"{abs(by_ms)}ms"
    return f"{long} {'later' if by_ms > 0 else 'earlier'}"


def _end(at_ms: int | None) -> str:
    return "not before the end" if at_ms is None else f"at {format_time(at_ms)}"
