"""From what is written to rules that are ready for use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path

from alerts.rules.compiled import DownRule, ExpressionRule, Rule, ThresholdRule
from alerts.rules.eventrule import EventRule
from alerts.rules.eventtext import EventText, globs
from alerts.rules.expressiontext import BurnText, ExpressionText
from alerts.rules.language.compile import compiled
from alerts.rules.language.program import Program
from alerts.rules.language.tokens import ExpressionError
from alerts.rules.measurements import ASKED
from alerts.rules.selection import Selection
from alerts.rules.text import DownText, RuleText, ThresholdText, unit_of
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.model.instants import length_ms
from noc.model.snapshot import SENSOR_UNITS
from noc.settings.textfile import read_text
from noc.settings.yamltext import Document, Place

Text = DownText | ThresholdText | ExpressionText | EventText | BurnText

_TAGS = frozenset(tag for measurement in ASKED.values() for tag in measurement.tags)

BURN_STALE_MS = 3_600_000
"""Objectives are told more seldom where the ledger is large."""


def compiled_rule(name: str, text: Text, document: Document) -> Rule:
    """Return the rule. document: where it is written. Raises InputError with the place of a wrong expression."""
    match text:
        case ThresholdText():
            return _threshold(name, text)
        case ExpressionText():
            return _expression(name, text, document)
        case EventText():
            return _event(name, text)
        case BurnText():
            return _burn(name, text)
    return DownRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=length_ms(text.hold),
        selection=selection_of(text),
        policy=text.policy,
        runbook=text.runbook,
        owner=text.owner,
        of=frozenset(text.of),
    )


def selection_of(text: RuleText) -> Selection:
    """Return for whom a rule is."""
    return Selection(
        classes=frozenset(text.classes or ()),
        regions=frozenset(text.regions or ()),
        site_classes=frozenset(text.site_classes or ()),
        sites=frozenset(text.sites or ()),
        device_tags=frozenset(text.device_tags or ()),
        devices=None if text.devices is None else globs(text.devices),
        profiles=frozenset(text.profiles or ()),
        patterns=text.devices or (),
    )


def _threshold(name: str, text: ThresholdText) -> ThresholdRule:
    limits = text.above or text.below
    if limits is None:
        raise AssertionError("the schema lets no threshold through without limits")
    return ThresholdRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=length_ms(text.hold),
        selection=selection_of(text),
        policy=text.policy,
        runbook=text.runbook,
        owner=text.owner,
        measurement=text.measurement,
        field=text.field,
        side="below" if text.above is None else "above",
        raise_at=limits.raise_,
        clear_at=limits.clear,
        unit=text.unit or unit_of(text.measurement, text.field, text.tags),
        tags=tuple(sorted(text.tags.items())),
        stale_ms=None if text.stale is None else length_ms(text.stale),
        unless=text.unless,
        degraded=text.degraded,
        left_out=_left_out(text.except_),
        skip=frozenset(text.skip),
    )


def _left_out(written: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((tag, globs(names)) for tag, names in written.items())


def _expression(name: str, text: ExpressionText, document: Document) -> ExpressionRule:
    _check_kind(text, document)
    program = _program(text, document)
    kinds = [frozenset(map(str, ASKED[one].of)) for one in program.columns]
    of = reduce(frozenset.intersection, kinds)
    if not of:
        told = ", ".join(f"{one} of {' and '.join(ASKED[one].of)}" for one in program.columns)
        message = f"no entity has all of these numbers: {told}"
        raise InputError([document.place("when").finding(message)])
    known = ASKED[program.rows_of].tags if program.rows_of else ()
    for key, written in (("tags", text.tags), ("except", text.except_)):
        for tag in written:
            if tag not in known:
                there = f"there are: {', '.join(known)}" if known else "no rows are looked at one by one"
                message = f"'{program.rows_of or name}' has no tag '{tag}'{did_you_mean(tag, known)}; {there}"
                raise InputError([document.key_place(key, tag).finding(message)])
    return ExpressionRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=length_ms(text.hold),
        selection=selection_of(text),
        policy=text.policy,
        runbook=text.runbook,
        owner=text.owner,
        program=program,
        of=of,
        tags=tuple(sorted(text.tags.items())),
        left_out=_left_out(text.except_),
        stale_ms=None if text.stale is None else length_ms(text.stale),
        degraded=text.degraded,
    )


def _check_kind(text: ExpressionText, document: Document) -> None:
    """Look at the kind of sensors before the condition, whose units go by it. Raises InputError."""
    kind = text.tags.get("kind")
    if kind is not None and kind not in SENSOR_UNITS and "noc_sensor." in text.when:
        known = ", ".join(SENSOR_UNITS)
        message = f"no sensor is of kind '{kind}'{did_you_mean(kind, SENSOR_UNITS)}; there are: {known}"
        raise InputError([document.place("tags", "kind").finding(message)])


def _unknown_tags(text: ExpressionText, document: Document) -> list[Finding]:
    """Return tags that no measurement has: where a condition is wrong, they may be why."""
    return [
        document.key_place(key, tag).finding(f"no measurement has a tag '{tag}'{did_you_mean(tag, _TAGS)}")
        for key, written in (("tags", text.tags), ("except", text.except_))
        for tag in written
        if tag not in _TAGS
    ]


def _program(text: ExpressionText, document: Document) -> Program:
    wrong = "when"
    try:
        program = compiled(text.when, None, text.tags)
        wrong = "clear"
        return program if text.clear is None else compiled(text.when, text.clear, text.tags)
    except ExpressionError as error:
        written = text.when if wrong == "when" else text.clear or ""
        found = _placed(document, wrong, written, error).finding(f"{wrong}: {error}")
        raise InputError(_unknown_tags(text, document) or [found]) from error


def _placed(document: Document, key: str, written: str, error: ExpressionError) -> Place:
    """Return where in the file an expression is wrong: to the character, where it stands on one line."""
    place = document.place(key)
    lines = read_text(Path(document.file)).splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    begin = line.find(written, place.column - 1)
    return place if begin < 0 else replace(place, column=begin + error.at + 1)


def _event(name: str, text: EventText) -> EventRule:
    return EventRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=0,
        selection=selection_of(text),
        policy=text.policy,
        runbook=text.runbook,
        owner=text.owner,
        match=text.match.compiled(),
        per=text.per,
        count=text.count,
        within_ms=length_ms(text.within),
        distinct=text.distinct,
        outside_windows=text.outside_windows,
        ends=None if text.ends is None else text.ends.compiled(),
        clear_after_ms=length_ms(text.clear_after),
    )


def _burn(name: str, text: BurnText) -> ExpressionRule:
    return ExpressionRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=length_ms(text.hold),
        selection=selection_of(text),
        policy=text.policy,
        runbook=text.runbook,
        owner=text.owner,
        program=compiled(text.when, text.clear_when, {}),
        of=frozenset(map(str, text.of)),
        stale_ms=BURN_STALE_MS,
        kind="burn",
    )
