"""From a verdict to the transition of a rule: what is told of it, as facts. Pure."""

from __future__ import annotations

from alerts.incidents import FURTHER
from alerts.rules.compiled import Judged, ThresholdRule
from alerts.rules.held import Verdict
from alerts.rules.measurements import ASKED
from noc.model.incident import Fact, RuleTransition


def transition(rule: Judged, verdict: Verdict, time_ms: int, poller: str) -> RuleTransition:
    """Return that a rule is raised or cleared for an entity."""
    number = verdict.number
    facts: dict[str, Fact] = {
        **({"status": "degraded"} if rule.degraded else {}),
        **(_of_threshold(rule, number.value) if isinstance(rule, ThresholdRule) else number.shown),
        **({"series": verdict.series} if verdict.series > 1 else {}),
        **{f"tag.{tag}": value for tag, value in number.tags.items()},
        **({} if rule.owner is None else {"owner": rule.owner}),
    }
    if verdict.status == "cleared":
        facts["reason"] = verdict.reason
    elif verdict.reason == "further":
        facts[FURTHER] = _named(rule, verdict)
    return RuleTransition(
        rule.name, verdict.entity, verdict.status, rule.severity, verdict.since_ms, time_ms, poller, facts
    )


def _of_threshold(rule: ThresholdRule, value: float | None) -> dict[str, Fact]:
    return {
        "measurement": rule.measurement,
        "metric": rule.field,
        "value": value,
        "limit": rule.raise_at,
        "clear": rule.clear_at,
        "unit": rule.unit,
        **_in_words(rule, value),
    }


def _in_words(rule: ThresholdRule, value: float | None) -> dict[str, Fact]:
    """Return what a number means, where it stands for a word: `sensor_status: critical`."""
    words = ASKED[rule.measurement].words.get(rule.field, ())
    if value is None or not 0 <= value < len(words):
        return {}
    return {f"{rule.measurement.removeprefix('noc_')}_{rule.field}": words[int(value)]}


def _named(rule: Judged, verdict: Verdict) -> str:
    """Return what people call a series: its name, or else the tags that tell it from others."""
    tags = verdict.number.tags
    key = (tags.get(tag, "") for tag in rule.key)
    return tags.get("name") or " ".join(part for part in key if part) or verdict.entity
