"""What examples name that there is not: fields and tags that nobody would miss, because nothing is raised by them."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rules.compiled import ExpressionRule, Rule, ThresholdRule
from alerts.rules.exampletext import ExampleText, SampleText
from alerts.rules.measurements import ASKED
from noc.model.finding import Finding, did_you_mean
from noc.settings.yamltext import Document

DEVICE = "device"
"""A tag of every row."""


def unknown_in(rule: Rule, examples: tuple[ExampleText, ...], document: Document) -> Iterator[Finding]:
    """Yield an error for each name in examples of a rule over numbers that is none. document: where they stand."""
    if not isinstance(rule, ThresholdRule | ExpressionRule):
        return
    for number, example in enumerate(examples):
        for index, sample in enumerate(example.samples):
            yield from _in_sample(rule, sample, ("examples", number, "samples", index), document)
        for index, one in enumerate(example.history):
            measurement, _, field = one.field.partition(".")
            asked = _fields(rule, measurement)
            if field not in asked:
                known = [f"{name}.{told}" for name in rule.measurements for told in sorted(_fields(rule, name))]
                hint = f"{did_you_mean(one.field, known)}; the rule asks for: {', '.join(known)}"
                place = document.place("examples", number, "history", index, "field")
                yield place.finding(f"the rule doesn't look at '{one.field}'{hint}")


def _in_sample(
    rule: ThresholdRule | ExpressionRule, sample: SampleText, path: tuple[str | int, ...], document: Document
) -> Iterator[Finding]:
    name = sample.measurement or rule.measurement or rule.measurements[0]
    if name not in rule.measurements:
        hint = f"{did_you_mean(name, rule.measurements)}; it looks at: {', '.join(rule.measurements)}"
        yield document.place(*path, "measurement").finding(f"the rule doesn't look at '{name}'{hint}")
        return
    known = (*ASKED[name].fields, *ASKED[name].tags, DEVICE)
    for index, row in enumerate(sample.rows):
        for key in row:
            if key not in known:
                hint = f"{did_you_mean(key, known)}; there are: {', '.join(known)}"
                yield document.key_place(*path, "rows", index, key).finding(f"'{name}' has no field '{key}'{hint}")


def _fields(rule: ThresholdRule | ExpressionRule, measurement: str) -> frozenset[str]:
    if isinstance(rule, ThresholdRule):
        return frozenset({rule.field}) if measurement == rule.measurement else frozenset()
    fields = ASKED[measurement].fields if measurement in ASKED else {}
    return frozenset(name for name in rule.program.columns.get(measurement, ()) if name in fields)
