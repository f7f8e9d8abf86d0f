"""Records of the ledger as people and as JSON read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from noc.cli._console import printable
from noc.cli._state import time_text
from noc.model.away import Away
from noc.model.clockstep import ClockStep
from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.restatement import Restatement
from noc.model.seal import PolicyChange, Seal
from noc.model.switch import ServiceSwitch
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.state import ledger
from noc.state.records import Recorded, recorded_of


def cells(record: ledger.Record) -> Iterator[str]:
    """Yield number, since, entity, status, was, seen by, confirmed after."""
    yield from (str(record.seq), time_text(record.since_ms), printable(record.entity))
    match recorded_of(record.kind, record.body):
        case Transition() as change:
            took_s = (change.decided_ms - change.since_ms) / 1000
            yield from (change.status, change.before, f"{change.poller} ({change.check})", f"{took_s:g} s")
        case ClockStep() as step:
            yield from (record.kind, "", f"the machine's clock said {time_text(step.machine_ms)}", "")
        case ServiceSwitch() as switch:
            yield from (f"from {switch.after}", f"from {switch.before}" if switch.before else "")
            yield from (f"{switch.poller} ({record.kind})", "")
        case HourOfCoverage() as hour:
            yield from (record.kind, "", f"{hour.rows:,} entities with results in this hour", "")
        case CorrectionDecision() as decision:
            said = f"{time_text(decision.start_ms)} to {time_text(decision.end_ms)}: {decision.cause}"
            yield from (
                f"{record.kind} {decision.correction} {decision.step}",
                "",
                f"{printable(decision.who)}; {said}",
                "",
            )
        case WindowDecision() as decision:
            said = f"{time_text(decision.start_ms)} to {time_text(decision.end_ms)}"
            yield from (
                f"{record.kind} {decision.window} {decision.step}",
                "",
                f"{printable(decision.who)}; {said}",
                "",
            )
        case Restatement() as restated:
            yield from (record.kind, "", f"{restated.poller} ({restated.check}), {restated.results:,} late results", "")
        case Seal() as seal:
            yield from (record.kind, "", f"{seal.day} ended with record {seal.records:,}, hash {seal.hash[:16]}…", "")
        case PolicyChange() as change:
            yield from (record.kind, "", f"figures are made by policy {change.digest[:16]}…", "")
        case Away() as away:
            yield from (record.kind, "", f"noc did not look until {time_text(away.until_ms)}", "")


def plain(record: ledger.Record) -> dict[str, object]:
    """Return what a record holds, times in words: `since_ms` becomes `since`."""
    match recorded_of(record.kind, record.body):
        case Transition() as change:
            results = [{"time": time_text(time_ms), "ok": ok} for time_ms, ok in change.results]
            return {**_fields(change), "results": results}
        case ClockStep() as step:
            return {"entity": step.entity, "since": time_text(step.since_ms), "machine": time_text(step.machine_ms)}
        case ServiceSwitch() as switch:
            return {
                "entity": switch.entity,
                "served_from": switch.after,
                "served_before": switch.before,
                "since": time_text(switch.since_ms),
                "poller": switch.poller,
                "evidence": [{"entity": entity, "said": said} for entity, said in switch.evidence],
            }
        case Restatement() as restated:
            states = [{"since": time_text(since_ms), "status": status} for since_ms, status in restated.states]
            return {"kind": record.kind, **_fields(restated), "states": states}
        case WindowDecision() as decision:
            without = [time_text(start_ms) for start_ms in decision.without]
            return {"kind": record.kind, **_fields(decision), "without": without}
        case other:
            return {"kind": record.kind, **_fields(other)}


def _fields(recorded: Recorded) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in fields(recorded):
        value = getattr(recorded, each.name)
        is_time = each.name.endswith("_ms")
        found[each.name.removesuffix("_ms")] = time_text(value) if is_time else value
    return found
