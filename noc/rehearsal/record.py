"""The record of a disaster-recovery exercise (ISO/IEC 24762): who, what, when, result, and who signed it off. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from noc.availability.timeline import State, intervals
from noc.availability.times import format_time
from noc.i18n.language import Language
from noc.model.finding import Finding
from noc.model.instants import length_ms
from noc.rehearsal.answer import Outcome
from noc.rehearsal.lines import Called, Line, summary
from noc.rehearsal.scenario import Scenario
from noc.settings.schema import format_duration


def record_document(
    scenario: Scenario,
    outcome: Outcome,
    lines: Sequence[Line],
    differences: Sequence[Finding],
    made_at: str,
    signed_off_by: str | None,
    reader: Language,
    called: Called = str,
) -> dict[str, object]:
    """Return the record. made_at: when the rehearsal was run. signed_off_by: None where nobody has yet.

    lines: in the language of the reader, as the summary will be. called: what people are called.
    """
    exercise = scenario.exercise
    recovery_ms = None if exercise is None or exercise.recovery_time is None else length_ms(exercise.recovery_time)
    services = list(_services(outcome, recovery_ms))
    met = not differences and all(one["in_time"] is not False for one in services)
    return {
        "title": scenario.title,
        "plan": None if exercise is None else exercise.plan,
        "objective": None if exercise is None else exercise.objective,
        "leader": None if exercise is None else exercise.leader,
        "participants": [] if exercise is None else list(exercise.participants),
        "kind": "rehearsal in virtual time",
        "from": format_time(outcome.start_ms),
        "to": format_time(outcome.end_ms),
        "made_at": made_at,
        "time_line": [
            {"at": format_time(line.at_ms), "what": line.kind, "who": line.who or None, "text": line.text}
            for line in lines
        ],
        "recovery_time": _recovery_time(scenario),
        "services": services,
        "summary": list(summary(reader, outcome, called)),
        "differences": [one.message for one in differences],
        "result": "met" if met else "not met",
        "signed_off": None if signed_off_by is None else {"by": signed_off_by, "at": made_at},
    }


def _services(outcome: Outcome, recovery_ms: int | None) -> Iterator[dict[str, object]]:
    """Yield how long each service was away at most. in_time: None where nothing says within which time it must be."""
    for service in sorted(one.entity for one in outcome.inventory.services.values()):
        spans = intervals(outcome.states.get(service, ()), outcome.start_ms, outcome.end_ms)
        down = [one for one in spans if one.state is State.DOWN]
        longest_ms = max((one.end - one.start for one in down), default=0)
        back = not down or down[-1].end < outcome.end_ms
        yield {
            "service": service,
            "down_s": sum(one.end - one.start for one in down) / 1000,
            "longest_s": longest_ms / 1000,
            "back_at_the_end": back,
            "in_time": None if recovery_ms is None else longest_ms <= recovery_ms,
        }


def _recovery_time(scenario: Scenario) -> str | None:
    exercise = scenario.exercise
    return None if exercise is None or exercise.recovery_time is None else format_duration(exercise.recovery_time)
