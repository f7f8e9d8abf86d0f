"""Joining: what a poller that was cut off told of an incident, and what is known of the same here (ADR 26). Pure.

Nobody is called twice for one thing, and whoever was called hears of its end, once. So whoever reached somebody settled
that; what reached nobody is left to escalation, which goes by the keys of what was taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.escalation import key_of, may_have_told
from noc.model.incident import Entry, Incident, Notice, Symptom
from noc.state.incidents import Origin

SAME_WITHIN_MS: Final = 60_000
"""Two lines by noc that say the same within this time are one: poller and centre judge the same readings."""

_OWN_WORK: Final = frozenset({"priority", "closed"})
"""Kinds of lines that are worked out here anew, by the whole inventory."""

ELSEWHERE: Final = "told another way"


@dataclass(frozen=True, slots=True)
class Told:
    """An incident of a poller and all that belongs to it, in the centre's time; its `id` is the poller's.

    alone_ms: since when that poller called people by itself; None: it didn't. lines, symptoms, notices: by a mark that
    is the same each time that the same is told. Of notices: what made their key beside the incident.
    """

    poller: str
    incident: Incident
    origin: Origin
    alone_ms: int | None = None
    lines: Mapping[str, Entry] = field(default_factory=dict)
    symptoms: Mapping[str, Symptom] = field(default_factory=dict)
    notices: Mapping[str, tuple[Notice, int]] = field(default_factory=dict)

    @property
    def parent(self) -> int | None:
        """Return the number there of the incident that took it over; None where none did."""
        if self.incident.resolved_ms is None:
            return None
        ends = [one for one in self.lines.values() if one.kind in ("merged", "resolved")]
        last = max(ends, key=lambda one: one.at_ms, default=None)
        into = None if last is None or last.kind == "resolved" else last.facts.get("into")
        return into if isinstance(into, int) else None

    def last_ms(self, *kinds: str) -> int | None:
        """Return when the newest line of some kinds was written."""
        return max((one.at_ms for one in self.lines.values() if one.kind in kinds), default=None)

    @property
    def as_here(self) -> Incident:
        """Return it as an incident of the centre that has no number yet."""
        return replace(
            self.incident,
            id=0,
            reopened_ms=self.last_ms("reopened"),
            begun_ms=self.last_ms("reopened", "expired"),
            reopened=sum(one.kind == "reopened" for one in self.lines.values()),
        )


def groups(told: Sequence[Told]) -> list[list[Told]]:
    """Return incidents in groups that belong together, because one took another over; roots come first."""
    by_number = {one.incident.id: one for one in told}
    found: dict[int, list[Told]] = {}
    for one in told:
        seen, root = {one.incident.id}, one
        while root.parent is not None and root.parent in by_number and root.parent not in seen:
            root = by_number[root.parent]
            seen.add(root.incident.id)
        group = found.setdefault(root.incident.id, [])
        group.insert(0, one) if one is root else group.append(one)
    return list(found.values())


def same(told: Told, known: Incident | None, by_key: Incident | None, opened: Incident | None) -> Incident | None:
    """Return the incident here that one of a poller is; None where it is none of them.

    known: what it was before. opened: the open one of its rule and entity.
    """
    found = known or by_key
    if found is None or (found.resolved_ms is not None and reopened_ms(told, found) is not None):
        end_ms = told.incident.resolved_ms
        if opened is not None and (end_ms is None or opened.since_ms <= end_ms):
            return opened
    return found


def reopened_ms(told: Told, known: Incident) -> int | None:
    """Return when a resolved incident was new again at the poller; None where it wasn't after its end here."""
    at_ms = told.last_ms("reopened")
    if at_ms is None or known.resolved_ms is None or known.parent is not None or known.closed_ms is not None:
        return None
    return at_ms if at_ms > known.resolved_ms and told.incident.resolved_ms is None else None


def ended_ms(told: Told, known: Incident) -> int | None:
    """Return when an open incident was over by what a poller saw; None where later things are known of it here."""
    end_ms = told.incident.resolved_ms
    if end_ms is None or told.parent is not None or known.resolved_ms is not None:
        return None
    return end_ms if end_ms >= max(known.opened_ms, known.reopened_ms or 0) else None


def is_owned(told: Told, known: Incident, now_ms: int) -> bool:
    """Tell whether somebody owns an incident by having said so to the poller: nobody does here, or did since."""
    there = told.incident
    if there.acknowledged_ms is None or known.acknowledged_ms is not None or known.resolved_ms is not None:
        return False
    if there.acknowledged_until_ms is not None and there.acknowledged_until_ms <= now_ms:
        return False
    return known.begun_ms is None or there.acknowledged_ms >= known.begun_ms


def fresh_lines(told: Told, own: Sequence[Entry], taken: Iterable[str]) -> dict[str, Entry]:
    """Return the lines that an incident's timeline doesn't have, in their order. own: those that it has.

    taken: marks of lines that it was given before. That it opened was said once.
    """
    known, found = set(taken), dict[str, Entry]()
    said: dict[tuple[object, ...], list[int]] = {}
    for entry in own:
        said.setdefault(_says(entry), []).append(entry.at_ms)
    is_opened = any(entry.kind == "opened" for entry in own)
    for mark, line in sorted(told.lines.items(), key=lambda item: (item[1].at_ms, item[0])):
        if mark in known or (line.who is None and line.kind in _OWN_WORK) or (line.kind == "opened" and is_opened):
            continue
        near_ms = 0 if line.who is not None else SAME_WITHIN_MS
        if not any(abs(at_ms - line.at_ms) <= near_ms for at_ms in said.get(_says(line), ())):
            found[mark] = line
    return found


def _says(entry: Entry) -> tuple[object, ...]:
    return entry.kind, entry.who, tuple(sorted((name, str(fact)) for name, fact in entry.facts.items()))


def taken_over(told: Told, known: Incident) -> dict[str, Notice]:
    """Return the notices that are put into the outbox of an incident, by mark, with its keys, as they became.

    What reached nobody is left out while people are still called for it: escalation decides. Who may have been told is
    told of the end. known: the incident as it is with what the poller told. An end that isn't one told nobody of it.
    """
    calls_on = known.resolved_ms is None and known.acknowledged_ms is None
    reached = {(one.person, one.step, one.kind) for one, _ in told.notices.values() if _may_have_told(one)}
    found: dict[str, Notice] = {}
    for mark, (one, number) in told.notices.items():
        if one.kind == "resolved" and (known.resolved_ms is None or one.created_ms < (known.reopened_ms or 0)):
            continue
        kept = _as_it_became(one, calls_on=calls_on, is_settled=(one.person, one.step, one.kind) in reached)
        if kept is not None:
            found[mark] = replace(kept, key=_key(known, one, number), incident=known.id, next_ms=one.created_ms)
    return found


def _as_it_became(one: Notice, *, calls_on: bool, is_settled: bool) -> Notice | None:
    if _may_have_told(one):
        return one
    if one.kind == "resolved" or one.state == "sent":
        return None
    if is_settled:
        return one if one.state in ("dead", "dropped") else replace(one, state="dropped", error=ELSEWHERE)
    if calls_on:
        return None
    if one.state in ("claimed", "unknown"):
        return replace(one, state="dropped", attempts=max(one.attempts, 1), error=None)  # it may have told somebody
    return one if one.state == "dead" else None


def _may_have_told(one: Notice) -> bool:
    """Tell whether the poller told somebody, or may have. What it only heard of the centre's has no time of sending."""
    return may_have_told(one) and (one.state != "sent" or one.sent_ms is not None)


def _key(known: Incident, one: Notice, number: int) -> str:
    is_before = known.begun_ms is not None and one.created_ms < known.begun_ms
    then = replace(known, begun_ms=None) if is_before else known
    return key_of(then, one.kind, number, (one.person, one.channel))


def better(known: Notice, told: Notice) -> dict[str, int | str | None]:
    """Return what a row of the outbox has to learn from what a poller told of the same notice."""
    found: dict[str, int | str | None] = {}
    if told.state == "sent" and known.state not in ("sent", "claimed"):
        found |= {"state": "sent", "sent_ms": told.sent_ms, "error": None, "attempts": max(known.attempts, 1)}
    for name in ("delivered_ms", "read_ms", "acted_ms"):
        if getattr(known, name) is None and getattr(told, name) is not None:
            found[name] = getattr(told, name)
    return found


def is_earlier(one: Incident, other: Incident) -> bool:
    """Tell whether an incident is the root of two: the one with the earlier beginning is, by number where they tie."""
    return (one.since_ms, one.id) < (other.since_ms, other.id)
