"""Escalation: who is to be told of an incident now, when to look again, and why. Pure.

What has been told already is found again by its key, which is made of what the notice is and not of when it was made:
to decide twice, or late after a restart, tells nobody twice and forgets nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.fallback import first_way
from alerts.oncalltargets import Directory, Target
from alerts.policies import AlertSettings, Step
from alerts.windows import held_ms
from noc.availability.times import format_time
from noc.clock import NO_STEPS, Steps
from noc.model.incident import EntryKind, Facts, Incident, Notice, NoticeKind
from noc.model.instants import length_ms

FURTHER_AT_MOST: Final = 5
"""So often people are told that an incident grew: by then they know of a chassis whose sensors fail one by one."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: so long after the opening, these are told.

    step: names that mean other people at other times; looked up when it falls due. is_last: the catch-all.
    """

    after_ms: int
    targets: tuple[Target, ...] = ()
    step: Step | None = None
    is_last: bool = False

    @property
    def varies(self) -> bool:
        """Return whether it depends on the moment who is told."""
        return self.step is not None or self.is_last


@dataclass(frozen=True, slots=True)
class Ladder:
    """A policy with everything looked up: its steps in order of time. reminder_ms: None for no reminders.

    hours: of business, in which its clock runs; None for always. directory: where people are looked up for a moment.
    """

    rungs: tuple[Rung, ...]
    reminder_ms: int | None = None
    reminders: int = 0
    resolved: bool = True
    hours: str | None = None
    directory: Directory | None = field(default=None, compare=False)

    def targets(self, rung: Rung, at_ms: int) -> tuple[Target, ...]:
        """Return who is told by a step that falls due at a moment."""
        if self.directory is None or not rung.varies:
            return rung.targets
        if rung.step is None:
            return self.directory.catch_all(at_ms)
        # After a hand-off that nobody accepted the outgoing are called, and the incoming where they don't answer.
        is_first = rung.after_ms == self.rungs[0].after_ms
        return self.directory.targets(rung.step.notify, rung.step.by, at_ms, is_first=is_first)

    def passes_over(self, rung: Rung, at_ms: int) -> str | None:
        """Return the business hours that keep a step from being called at a moment; None where nothing does."""
        if self.directory is None or rung.step is None:
            return None
        during, outside = rung.step.during, rung.step.outside
        if during is not None and not self.directory.open_at(during, at_ms):
            return during
        return outside if outside is not None and self.directory.open_at(outside, at_ms) else None

    def quiet_until(self, person: str, incident: Incident, now_ms: int) -> int | None:
        """Return until when somebody is not to be disturbed by an incident."""
        return None if self.directory is None else self.directory.quiet_until(person, incident.severity, now_ms)

    def due_ms(self, begun_ms: int, after_ms: int) -> int:
        """Return when so much time has passed on the clock of the policy."""
        return (
            begun_ms + after_ms if self.directory is None else self.directory.falls_due(self.hours, begun_ms, after_ms)
        )

    def passed_ms(self, begun_ms: int, now_ms: int) -> int:
        """Return how much time has passed on the clock of the policy."""
        if self.directory is None:
            return max(now_ms - begun_ms, 0)
        return self.directory.passed(self.hours, begun_ms, now_ms)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. entries: lines for the timeline. next_ms: when to look again; None: there is no more to come.

    why: one word for the log: none, acknowledged, nobody, waiting, called, over.
    """

    notices: tuple[Notice, ...] = ()
    entries: tuple[tuple[EntryKind, Facts], ...] = ()
    next_ms: int | None = None
    why: str = "waiting"


def ladder_of(people: Directory | AlertSettings, name: str | None) -> Ladder | None:
    """Return the policy of this name, or else the default one; None where there is none, and no catch-all either."""
    directory = people if isinstance(people, Directory) else Directory.of(people)
    settings = directory.settings
    found, last = settings.policy(name), settings.catch_all
    if found is None:
        return None if last is None else Ladder((Rung(0, is_last=True),), directory=directory)
    _, policy = found
    steps = sorted(policy.steps, key=lambda step: step.after)
    once = [_rung(directory, step) for step in steps]
    again_ms = once[-1].after_ms + length_ms(policy.repeat_after)
    rungs = [replace(rung, after_ms=rung.after_ms + n * again_ms) for n in range(policy.repeat + 1) for rung in once]
    if last is not None:
        rungs.append(Rung(rungs[-1].after_ms + length_ms(last.after), is_last=True))
    return Ladder(
        tuple(rungs),
        None if policy.reminder is None else length_ms(policy.reminder),
        policy.reminders,
        policy.resolved,
        policy.hours,
        directory,
    )


def _rung(directory: Directory, step: Step) -> Rung:
    varies = step.during is not None or step.outside is not None
    if varies or any(name.partition("/")[0] in ("schedule", "desk") for name in step.notify):
        return Rung(length_ms(step.after), step=step)
    return Rung(length_ms(step.after), directory.targets(step.notify, step.by, 0))


def key_of(incident: Incident, kind: NoticeKind, number: int, target: Target) -> str:
    """Return the key of a notice. number: the step, which reminder it is, or when the incident grew."""
    # The beginning is in it: after a restored backup a number may come again, the moment does not; and who was called
    # before the incident was new again is called anew.
    parts = [incident.id, incident.calls_from_ms, kind, number, *target]
    return f"{incident.id}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def decide(
    incident: Incident, ladder: Ladder | None, told: Sequence[Notice], now_ms: int, steps: Steps = NO_STEPS
) -> Decision:
    """Return what to do about an incident. told: every notice of it so far, whatever became. steps: of the clock."""
    if incident.resolved_ms is not None:
        return _over(incident, ladder, [notice for notice in told if not _before(notice, incident.reopened_ms)], now_ms)
    # Who hears how a major incident stands was not called by that.
    told = [notice for notice in told if notice.kind != "update" and not _before(notice, incident.begun_ms)]
    # What was told before the clock leapt was told as long ago as time has passed since.
    told = [replace(notice, created_ms=steps.here(notice.created_ms)) for notice in told] if steps.known else told
    if incident.acknowledged_ms is not None:
        return Decision(why="acknowledged")
    if ladder is None:
        return Decision(why="none")
    reached, calls, entries = _calls(incident, ladder, told, now_ms)
    # Who is called at this moment needs no reminder at the same moment.
    reminders, number = _reminders(incident, reached, ladder, (*told, *calls), now_ms)
    if reminders:
        entries = (*entries, ("reminded", {"number": number, "to": _names(reminders)}))
    begun_ms = _begun_ms(incident)
    moments = [ladder.due_ms(begun_ms, rung.after_ms) for rung in ladder.rungs[reached:]]
    if ladder.reminder_ms is not None and number < ladder.reminders:
        moments.append(ladder.due_ms(begun_ms, (number + 1) * ladder.reminder_ms))
    notices = (*calls, *reminders)
    nobody = reached == len(ladder.rungs) and not notices and not any(_alive(notice) for notice in told)
    why = "called" if notices else "nobody" if nobody else "waiting"
    return Decision(notices, entries, min(moments, default=None), why)


def _calls(
    incident: Incident, ladder: Ladder, told: Sequence[Notice], now_ms: int
) -> tuple[int, list[Notice], tuple[tuple[EntryKind, Facts], ...]]:
    """Return how many steps are reached, the calls that are missing, and what the timeline says of them."""
    begun_ms = _begun_ms(incident)
    due = [ladder.due_ms(begun_ms, rung.after_ms) for rung in ladder.rungs]
    reached = min(max([sum(1 for one in due if one <= now_ms), *(notice.step for notice in told)]), len(due))
    listening = any(_alive(notice) for notice in told)
    found: list[Notice] = []
    entries: list[tuple[EntryKind, Facts]] = []
    step = 0
    while step < reached or (step and not listening and step < len(due)):
        rung, due_ms, step = ladder.rungs[step], due[step], step + 1
        wanted, passed = _wanted(incident, ladder, step, told, min(due_ms, now_ms), now_ms)
        if passed is not None and wanted:
            entries.append(("held", {"step": step, "why": "hours", "hours": passed, "to": _names(wanted)}))
        elif wanted and step > 1:
            # A step whose people can't be reached doesn't keep the next one waiting.
            why = "unacknowledged" if due_ms <= now_ms else "undelivered"
            facts: Facts = {"step": step, "after_s": rung.after_ms // 1000, "why": why, "to": _names(wanted)}
            entries.append(("escalated", {**facts, "last": 1} if rung.is_last else facts))
        entries += [("held", _quiet(notice)) for notice in wanted if notice.next_ms > now_ms]
        found += wanted
        listening = listening or any(_alive(notice) for notice in wanted)
    return max(step, reached), found, tuple(entries)


def _wanted(
    incident: Incident, ladder: Ladder, step: int, told: Sequence[Notice], at_ms: int, now_ms: int
) -> tuple[list[Notice], str | None]:
    """Return the calls of a step that are missing, and the hours that pass it over, which drop them at once.

    at_ms: when it fell due. Of a step that meant other people at other times nobody is called twice.
    """
    rung, known = ladder.rungs[step - 1], {notice.key for notice in told}
    if rung.varies and any(notice.step == step and notice.kind in ("page", "escalation") for notice in told):
        return [], None
    kind: NoticeKind = "page" if step == 1 else "escalation"
    found = [
        notice
        for target in ladder.targets(rung, at_ms)
        if (notice := _new(incident, kind, step, step, target, now_ms)).key not in known
    ]
    passed = ladder.passes_over(rung, at_ms)
    if passed is not None:
        return [replace(notice, state="dropped", error=f"passed over: hours {passed}") for notice in found], passed
    return found if rung.is_last else [_later(notice, incident, ladder, now_ms) for notice in found], None


def _later(notice: Notice, incident: Incident, ladder: Ladder | None, now_ms: int) -> Notice:
    """Return a notice that waits where its person is not to be disturbed now."""
    until_ms = None if ladder is None else ladder.quiet_until(notice.person, incident, now_ms)
    return notice if until_ms is None else replace(notice, next_ms=until_ms)


def _quiet(notice: Notice) -> Facts:
    return {
        "step": notice.step,
        "why": "quiet_hours",
        "person": notice.person,
        "channel": notice.channel,
        "until": format_time(notice.next_ms),
    }


def _reminders(
    incident: Incident, reached: int, ladder: Ladder, told: Sequence[Notice], now_ms: int
) -> tuple[list[Notice], int]:
    """Return the reminders that are due, and the number of the newest round; what was missed is not made up."""
    if ladder.reminder_ms is None:
        return [], 0
    begun_ms = _begun_ms(incident)
    number = min(ladder.passed_ms(begun_ms, now_ms) // ladder.reminder_ms, ladder.reminders)
    if number < 1:
        return [], 0
    due_ms = ladder.due_ms(begun_ms, number * ladder.reminder_ms)
    # Who has something on its way needs no reminder of it, nor who was called when the reminder fell due, or since.
    pending = {
        (notice.person, notice.channel)
        for notice in told
        if notice.state in ("queued", "claimed") or (notice.kind != "reminder" and notice.created_ms >= due_ms)
    }
    known = {notice.key for notice in told}
    found = [
        notice
        for target, step in _to_remind(ladder, reached, told, due_ms).items()
        if target not in pending
        and ladder.quiet_until(target[0], incident, now_ms) is None
        and (notice := _new(incident, "reminder", step, number, target, now_ms)).key not in known
    ]
    return found, number


def _to_remind(ladder: Ladder, reached: int, told: Sequence[Notice], due_ms: int) -> dict[Target, int]:
    """Return who is reminded of what fell to them, with the step: who has been told, and who is on call instead now.

    Who could be told another way alone is reminded by the one that worked last.
    """
    sent = [
        notice for notice in told if notice.kind != "reminder" and notice.state == "sent" and notice.created_ms < due_ms
    ]
    rungs = ladder.rungs[:reached]
    wanted = {target for rung in rungs for target in rung.targets}
    ways: dict[Target, Target] = {}
    reminded: dict[Target, int] = {}
    for notice in sent:
        first = first_way(notice, told)
        if first is notice or first.state != "sent":
            target = first.person, first.channel
            ways[target] = notice.person, notice.channel
            reminded[target] = max(reminded.get(target, 0), notice.step)
    steps = {ways[target]: step for target, step in reminded.items() if target in wanted}
    for step in sorted({notice.step for notice in sent}):
        if step <= reached and rungs[step - 1].varies:
            steps |= {ways.get(target, target): step for target in ladder.targets(rungs[step - 1], due_ms)}
    return steps


def _over(incident: Incident, ladder: Ladder | None, told: Sequence[Notice], now_ms: int) -> Decision:
    """Tell the end to exactly those who were told of the beginning."""
    if ladder is not None and not ladder.resolved:
        return Decision(why="over")
    known = {notice.key for notice in told}
    awake = [notice for notice in told if not _waits(notice, incident, ladder, now_ms)]
    found = [
        notice
        for target, step in heard(awake, updates=True).items()
        if (notice := _new(incident, "resolved", step, 1, target, now_ms)).key not in known
    ]
    return Decision(tuple(_later(notice, incident, ladder, now_ms) for notice in found), why="over")


def further(
    incident: Incident, told: Sequence[Notice], at_ms: int, now_ms: int, ladder: Ladder | None = None
) -> tuple[Notice, ...]:
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
        for target, step in heard(told).items()
        if target not in waiting and (notice := _new(incident, "further", step, at_ms, target, now_ms)).key not in known
    ]
    return tuple(_later(notice, incident, ladder, now_ms) for notice in found)


def heard(told: Sequence[Notice], *, updates: bool = False) -> dict[Target, int]:
    """Return who was told of the beginning, or may have been, or still will be; each with the step.

    updates: also who was told how it stands, as a major incident.
    """
    kinds = ("page", "escalation", "reminder", "further", *(("update",) if updates else ()))
    steps: dict[Target, int] = {}
    for notice in told:
        if notice.kind in kinds and (_alive(notice) or may_have_told(notice)):
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


def _waits(notice: Notice, incident: Incident, ladder: Ladder | None, now_ms: int) -> bool:
    """Tell whether a notice waits for the end of somebody's quiet hours: they know of nothing yet."""
    is_untouched = notice.state == "queued" and notice.attempts == 0 and notice.next_ms > now_ms
    return is_untouched and ladder is not None and ladder.quiet_until(notice.person, incident, now_ms) is not None


def _alive(notice: Notice) -> bool:
    """Tell whether a notice reached somebody, or still may."""
    return notice.state not in ("dead", "dropped")


def _names(notices: Sequence[Notice]) -> str:
    return ", ".join(dict.fromkeys(notice.person for notice in notices))
