"""Whether what came of a rehearsal is what its scenario expects; and if not, what differs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from noc.availability.timeline import State, intervals
from noc.availability.times import format_time
from noc.model.finding import Finding
from noc.model.incident import Incident
from noc.model.instants import length_ms
from noc.rehearsal.answer import Outcome, Told, affected_by
from noc.rehearsal.scenario import Expect, ExpectCall, ExpectIncident, Scenario
from noc.settings.schema import Places, format_duration

CALLS = ("page", "escalation")


def differences(scenario: Scenario, places: Places, outcome: Outcome) -> tuple[Finding, ...]:
    """Return what is not as the scenario expects, each at the place that says what was expected."""
    if scenario.expect is None:
        return ()
    found = _Expected(scenario.expect, outcome).wrong()
    return tuple(places.place("expect", *path).finding(message) for path, message in found)


Wrong = Iterator[tuple[tuple[str | int, ...], str]]


class _Expected:
    def __init__(self, expect: Expect, outcome: Outcome) -> None:
        self._expect = expect
        self._outcome = outcome
        also = expect.also or ()
        self._roots = [one for one in outcome.incidents if one.parent is None and one.entity not in also]

    def wrong(self) -> Wrong:
        yield from self._incidents()
        for index, call in enumerate(self._expect.calls):
            yield from self._call(index, call)
        for index, person in enumerate(self._expect.not_called or ()):
            told = [one for one in self._outcome.told if one.notice.person == person]
            if told:
                yield ("not_called", index), f"{person} must hear of nothing, but was told: {_said(told[0])}"
        at_most = self._expect.pages_at_most
        if at_most is not None:
            pages = Counter(one.notice.person for one in self._outcome.told if one.notice.kind in CALLS)
            for person, number in sorted(pages.items()):
                if number > at_most:
                    message = f"{person} is sent {number} pages and escalations, at most {at_most} are expected"
                    yield ("pages_at_most",), message
        for index, service in enumerate(self._expect.services_up or ()):
            yield from self._service(index, service)

    def _incidents(self) -> Wrong:
        wanted = self._expect.incidents
        if wanted is None:
            return
        if isinstance(wanted, int):
            if len(self._roots) != wanted:
                yield ("incidents",), f"{wanted} incidents are expected, there are {len(self._roots)}: {self._names()}"
            return
        left = list(self._roots)
        for index, one in enumerate(wanted):
            found = next((incident for incident in left if incident.entity == one.root_cause), None)
            if found is None:
                message = f"no incident of {one.root_cause}; there are: {self._names()}"
                yield ("incidents", index, "root_cause"), message
                continue
            left.remove(found)
            for key, message in self._incident(one, found):
                yield ("incidents", index, key), f"{one.root_cause}: {message}"
        for incident in left:
            yield ("incidents",), f"an incident of {incident.entity} ({incident.rule}) is not expected"

    def _incident(self, wanted: ExpectIncident, found: Incident) -> Iterator[tuple[str, str]]:
        if wanted.opened_within is not None:
            failed_ms = self._outcome.start_ms if self._outcome.failed_ms is None else self._outcome.failed_ms
            after_ms = found.opened_ms - failed_ms
            if after_ms > length_ms(wanted.opened_within):
                said = format_duration(wanted.opened_within)
                yield "opened_within", f"opened {after_ms / 1000:g}s after the first failure, expected within {said}"
        if wanted.resolved is not None and wanted.resolved != (found.resolved_ms is not None):
            yield "resolved", f"is {found.state} at the end"
        if wanted.priority is not None and wanted.priority != found.priority:
            yield "priority", f"has priority {found.priority}, expected is {wanted.priority}"
        missing = sorted(set(wanted.affects or ()) - set(affected_by(found, self._outcome)))
        if missing:
            yield "affects", f"doesn't explain {', '.join(missing)}"

    def _call(self, index: int, call: ExpectCall) -> Wrong:
        start_ms = self._outcome.start_ms
        told = [one for one in self._outcome.told if one.notice.person == call.person]
        fit = [
            one
            for one in told
            if (call.kind is None or one.notice.kind == call.kind)
            and (call.channel is None or one.notice.channel == call.channel)
        ]
        in_time = [
            one
            for one in fit
            if (call.by is None or (one.notice.sent_ms or 0) <= start_ms + length_ms(call.by))
            and (call.not_before is None or (one.notice.sent_ms or 0) >= start_ms + length_ms(call.not_before))
        ]
        if in_time:
            return
        what = f"a message to {call.person}" if call.kind is None else f"a {call.kind} to {call.person}"
        other = fit or told
        instead = f"the nearest is {_said(other[0])}" if other else f"{call.person} is told nothing"
        yield ("calls", index), f"{what}{_when(call)} is expected; {instead}"

    def _service(self, index: int, service: str) -> Wrong:
        timeline = self._outcome.states.get(service, ())
        spans = intervals(timeline, self._outcome.start_ms, self._outcome.end_ms)
        down = next((one for one in spans if one.state is State.DOWN), None)
        if down is not None:
            yield ("services_up", index), f"{service} is down from {format_time(down.start)} to {format_time(down.end)}"

    def _names(self) -> str:
        return ", ".join(one.entity for one in self._roots) or "none"


def _when(call: ExpectCall) -> str:
    by = "" if call.by is None else f" by {format_duration(call.by)}"
    after = "" if call.not_before is None else f" not before {format_duration(call.not_before)}"
    channel = "" if call.channel is None else f" by {call.channel}"
    return f"{channel}{after}{by}"


def _said(told: Told) -> str:
    notice = told.notice
    return f"{notice.kind} at {format_time(notice.sent_ms or 0)} by {notice.channel}: {told.subject}"
