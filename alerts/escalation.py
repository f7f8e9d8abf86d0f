"""Escalation: who is to be told of an incident now, when to look again, and why. Pure.

What has been told already is found again by its key, which is made of what the notice is and not of when it was made:
to decide twice, or late after a restart, tells nobody twice and forgets nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerts.policies import AlertSettings
from alerts.windows import held_ms
from noc.model.incident import EntryKind, Facts, Incident, Notice, NoticeKind
from noc.model.instants import length_ms

Target = tuple[str, str]
"""A person and a channel."""

FURTHER_AT_MOST: Final = 5
"""So often people are told that an incident grew: by then they know of a chassis whose sensors fail one by one."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: so long after the opening, these are told."""

    after_ms: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """A policy with everything looked up: its steps in order of time. reminder_ms: None for no reminders."""

    rungs: tuple[Rung, ...]
    reminder_ms: int | None = None
    reminders: int = 0
    resolved: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. entries: lines for the timeline. next_ms: when to look again; None: there is no more to come.

    why: one word for the log: none, acknowledged, nobody, waiting, called, over.
    """

    notices: tuple[Notice, ...] = ()
    entries: tuple[tuple[EntryKind, Facts], ...] = ()
    next_ms: int | None = None
    why: str = "waiting"


def ladder_of(settings: AlertSettings, name: str | None) -> Ladder | None:
    """Return the policy of this name, or else the default one; None where there is none."""
    found = settings.policy(name)
    if found is None:
        return None
    _, policy = found
    steps = sorted(policy.steps, key=lambda step: step.after)
    return Ladder(
        tuple(Rung(length_ms(step.after), settings.targets(step)) for step in steps),
        None if policy.reminder is None else length_ms(policy.reminder),
        policy.reminders,
        policy.resolved,
    )


def key_of(incident: Incident, kind: NoticeKind, number: int, target: Target) -> str:
    """Return the key of a notice. number: the step, which reminder it is, or when the incident grew."""
    # The beginning is in it: after a restored backup a number may come again, the moment does not; and who was called
    # before the incident was new again is called anew.
    parts = [incident.id, incident.calls_from_ms, kind, number, *target]
    return f"{incident.id}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def decide(incident: Incident, ladder: Ladder | None, told: Sequence[Notice], now_ms: int) -> Decision:
    """Return what to do about an incident. told: every notice of it so far, whatever became of it."""
    if incident.resolved_ms is not None:
        return _over(incident, ladder, [notice for notice in told if not _before(notice, incident.reopened_ms)], now_ms)
    told = [notice for notice in told if not _before(notice, incident.begun_ms)]
    if incident.acknowledged_ms is not None:
        return Decision(why="acknowledged")
    if ladder is None:
        return Decision(why="none")
    reached, calls, entries = _calls(incident, ladder, told, now_ms)
    # Who is called at this moment needs no reminder at the same moment.
    reminders, number = _reminders(incident, ladder.rungs[:reached], ladder, (*told, *calls), now_ms)
    if reminders:
        entries = (*entries, ("reminded", {"number": number, "to": _names(reminders)}))
    begun_ms = _begun_ms(incident)
    moments = [begun_ms + rung.after_ms for rung in ladder.rungs[reached:]]
    if ladder.reminder_ms is not None and number < ladder.reminders:
        moments.append(begun_ms + (number + 1) * ladder.reminder_ms)
    notices = (*calls, *reminders)
    nobody = reached == len(ladder.rungs) and not notices and not any(_alive(notice) for notice in told)
    why = "called" if notices else "nobody" if nobody else "waiting"
    return Decision(notices, entries, min(moments, default=None), why)


def _calls(
    incident: Incident, ladder: Ladder, told: Sequence[Notice], now_ms: int
) -> tuple[int, list[Notice], tuple[tuple[EntryKind, Facts], ...]]:
    """Return how many steps are reached, the calls that are missing, and what the timeline says of them."""
    elapsed_ms = max(now_ms - _begun_ms(incident), 0)
    known = {notice.key for notice in told}
    on_time = sum(1 for rung in ladder.rungs if rung.after_ms <= elapsed_ms)
    reached = min(max([on_time, *(notice.step for notice in told)]), len(ladder.rungs))
    listening = any(_alive(notice) for notice in told)
    found: list[Notice] = []
    entries: list[tuple[EntryKind, Facts]] = []
    step = 0
    while step < reached or (step and not listening and step < len(ladder.rungs)):
        rung, step = ladder.rungs[step], step + 1
        kind: NoticeKind = "page" if step == 1 else "escalation"
        wanted = [
            notice
            for target in rung.targets
            if (notice := _new(incident, kind, step, step, target, now_ms)).key not in known
        ]
        if wanted and kind == "escalation":
            # A step whose people can't be reached doesn't keep the next one waiting.
            why = "unacknowledged" if rung.after_ms <= elapsed_ms else "undelivered"
            facts: Facts = {"step": step, "after_s": rung.after_ms // 1000, "why": why, "to": _names(wanted)}
            entries.append(("escalated", facts))
        found += wanted
        listening = listening or bool(wanted)
    return max(step, reached), found, tuple(entries)


def _reminders(
    incident: Incident, rungs: Sequence[Rung], ladder: Ladder, told: Sequence[Notice], now_ms: int
) -> tuple[list[Notice], int]:
    """Return the reminders that are due, and the number of the newest round; what was missed is not made up."""
    if ladder.reminder_ms is None:
        return [], 0
    begun_ms = _begun_ms(incident)
    number = min(max(now_ms - begun_ms, 0) // ladder.reminder_ms, ladder.reminders)
    if number < 1:
        return [], 0
    due_ms = begun_ms + number * ladder.reminder_ms
    wanted = {target for rung in rungs for target in rung.targets}
    # Who has something on its way needs no reminder of it, nor who was called when the reminder fell due, or since.
    pending = {
        (notice.person, notice.channel)
        for notice in told
        if notice.state in ("queued", "claimed") or (notice.kind != "reminder" and notice.created_ms >= due_ms)
    }
    steps: dict[Target, int] = {}
    for notice in told:
        target = notice.person, notice.channel
        if notice.kind != "reminder" and notice.state == "sent" and notice.created_ms < due_ms:
            steps[target] = max(steps.get(target, 0), notice.step)
    known = {notice.key for notice in told}
    found = [
        notice
        for target, step in steps.items()
        if target in wanted
        and target not in pending
        and (notice := _new(incident, "reminder", step, number, target, now_ms)).key not in known
    ]
    return found, number


def _over(incident: Incident, ladder: Ladder | None, told: Sequence[Notice], now_ms: int) -> Decision:
    """Tell the end to exactly those who were told of the beginning."""
    if ladder is not None and not ladder.resolved:
        return Decision(why="over")
    known = {notice.key for notice in told}
    found = [
        notice
        for target, step in _heard(told).items()
        if (notice := _new(incident, "resolved", step, 1, target, now_ms)).key not in known
    ]
    return Decision(tuple(found), why="over")


def further(incident: Incident, told: Sequence[Notice], at_ms: int, now_ms: int) -> tuple[Notice, ...]:
    """Return the news that an incident grew, for those who know of it, also where somebody owns it.

    told: every notice of it so far. at_ms: when it was certain that it grew. Who has something waiting needs no other:
    it is put into words when it is sent. After `FURTHER_AT_MOST` rounds the timeline alone tells.
    """
    rounds = {notice.created_ms for notice in told if notice.kind == "further"}
    if len(rounds) >= FURTHER_AT_MOST:
        return ()
    waiting = {(notice.person, notice.channel) for notice in told if notice.state == "queued"}
    known = {notice.key for notice in told}
    found = [
        notice
        for target, step in _heard(told).items()
        if target not in waiting and (notice := _new(incident, "further", step, at_ms, target, now_ms)).key not in known
    ]
    return tuple(found)


def _heard(told: Sequence[Notice]) -> dict[Target, int]:
    """Return who was told of the beginning, or may have been, or still will be; each with the step."""
    steps: dict[Target, int] = {}
    for notice in told:
        if notice.kind in ("page", "escalation") and (_alive(notice) or may_have_told(notice)):
            steps.setdefault((notice.person, notice.channel), notice.step)
    return steps


def may_have_told(notice: Notice) -> bool:
    """Tell whether a notice has reached its person, or may have.

    It may have where noc died with it on its way, and it was dropped since because nobody needed it any more.
    """
    unknown = notice.state == "dropped" and notice.attempts > 0 and notice.error is None
    return notice.state == "sent" or unknown


def _new(incident: Incident, kind: NoticeKind, step: int, number: int, target: Target, now_ms: int) -> Notice:
    key, (person, channel) = key_of(incident, kind, number, target), target
    return Notice(0, key, incident.id, step, person, channel, kind, now_ms, next_ms=now_ms)


def _begun_ms(incident: Incident) -> int:
    """Return from when steps and reminders count: the beginning, later by the time that windows held it back."""
    return incident.calls_from_ms + held_ms(incident)


def _before(notice: Notice, at_ms: int | None) -> bool:
    """Tell whether a notice is of an earlier time of an incident: before it was reopened, or had no owner again."""
    return at_ms is not None and notice.created_ms < at_ms


def _alive(notice: Notice) -> bool:
    """Tell whether a notice reached somebody, or still may."""
    return notice.state not in ("dead", "dropped")


def _names(notices: Sequence[Notice]) -> str:
    return ", ".join(dict.fromkeys(notice.person for notice in notices))
