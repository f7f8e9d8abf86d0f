"""Rules: loads the files, and finds what is wrong with them.

A folder of the user's own is read after the shipped one; a file of the same name replaces the shipped one, and one
that holds `enabled: false` alone switches it off.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase, translate
from pathlib import Path

from alerts.rules.compiled import DownRule, Rule, Selection, ThresholdRule
from alerts.rules.text import DownText, RuleText, ThresholdText, unit_of
from noc.inventory.names import Names
from noc.inventory.values import id_like, is_id
from noc.inventory.written import WrittenNames
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.model.instants import length_ms
from noc.settings.schema import validate
from noc.settings.written import texts
from noc.settings.yamltext import Data, Document, read

_OF_THRESHOLDS = frozenset(ThresholdText.model_fields) - frozenset(RuleText.model_fields)
_OFF = {"enabled": False}


@dataclass(frozen=True)
class Known:
    """Names that rules may use, defined elsewhere. None where they can't be told."""

    devices: Collection[str] | None = ()
    device_tags: Collection[str] | None = ()
    sites: Collection[str] | None = ()
    site_classes: Collection[str] | None = ()
    regions: Collection[str] | None = ()
    policies: Collection[str] | None = None


def known_to_rules(written: WrittenNames, policies: Collection[str] | None = None) -> Known:
    """Return the names that rules may use. written: those of the inventory. policies: of escalation policies."""
    return Known(
        devices=written.devices,
        device_tags=written.device_tags,
        sites=written.sites,
        site_classes=written.site_classes,
        regions=written.regions,
        policies=policies,
    )


@dataclass(slots=True)
class _Loading:
    known: Known | None
    rules: dict[str, Rule] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def load_rules(folders: Sequence[Path], known: Known | None = None) -> tuple[Mapping[str, Rule], list[Finding]]:
    """Return the rules of these folders that are enabled, by name, and what is wrong with their files.

    A file with an error gives no rule; all others are there. known: without it, names of sites and the like aren't
    looked at.
    """
    loading = _Loading(known)
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            _take(path, loading)
            loading.seen.add(path.stem)
    return dict(sorted(loading.rules.items())), sorted(set(loading.findings))


def _take(path: Path, loading: _Loading) -> None:
    name = path.stem
    loading.rules.pop(name, None)
    loading.findings += _wrong_name(path)
    try:
        document = read(path)
        if document.data == _OFF:
            if name not in loading.seen:
                message = f"there is no shipped rule '{name}' to switch off{did_you_mean(name, loading.seen)}"
                loading.findings.append(document.place().finding(message))
            return
        unknown = _unknown_names(document, loading.known)  # of what is written, so that no mistake hides another
        loading.findings += unknown
        text = validate(_model(document), document)
    except InputError as error:
        loading.findings += error.findings
        return
    if text.enabled and is_id(name) and all(finding.level != "error" for finding in unknown):
        loading.rules[name] = _compiled(name, text)


def _wrong_name(path: Path) -> list[Finding]:
    if is_id(path.stem):
        return []
    better = id_like(path.stem)
    hint = f"; call it {better}.yaml" if better else ""
    message = f"the file's name is the rule's name: small letters, digits, '.', '_' and '-'{hint}"
    return [Finding(str(path), 0, 0, "error", message)]


def _model(document: Document) -> type[DownText | ThresholdText]:
    """Return the kind of rule that somebody wrote, also where `kind` itself is wrong."""
    data = document.data
    if not isinstance(data, dict) or data.get("kind") == "down":
        return DownText
    return ThresholdText if data.get("kind") == "threshold" or _OF_THRESHOLDS & data.keys() else DownText


def _compiled(name: str, text: DownText | ThresholdText) -> Rule:
    down = DownRule(
        name=name,
        summary=text.summary,
        severity=text.severity,
        hold_ms=length_ms(text.hold),
        selection=_selection(text),
        policy=text.policy,
        runbook=text.runbook,
        of=frozenset(text.of) if isinstance(text, DownText) else frozenset(),
    )
    if not isinstance(text, ThresholdText):
        return down
    limits = text.above or text.below
    if limits is None:
        raise AssertionError("the schema lets no threshold through without limits")
    return ThresholdRule(
        name=name,
        summary=down.summary,
        severity=down.severity,
        hold_ms=down.hold_ms,
        selection=down.selection,
        policy=down.policy,
        runbook=down.runbook,
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
        left_out=tuple((tag, re.compile("|".join(map(translate, names)))) for tag, names in text.except_.items()),
        skip=frozenset(text.skip),
    )


def _selection(text: RuleText) -> Selection:
    pattern = None if text.devices is None else re.compile("|".join(map(translate, text.devices)))
    return Selection(
        classes=frozenset(text.classes or ()),
        regions=frozenset(text.regions or ()),
        site_classes=frozenset(text.site_classes or ()),
        sites=frozenset(text.sites or ()),
        device_tags=frozenset(text.device_tags or ()),
        devices=pattern,
    )


def _unknown_names(document: Document, known: Known | None) -> list[Finding]:
    """Return what is named and isn't there: an error where it was defined, a warning where it is a word or pattern."""
    data = document.data
    if known is None or not isinstance(data, dict):
        return []
    found: list[Finding] = []
    policy = data.get("policy")
    if isinstance(policy, str) and known.policies is not None and policy not in known.policies:
        hint = did_you_mean(policy, known.policies)
        found.append(document.place("policy").finding(f"unknown escalation policy '{policy}'{hint}"))
    for key, what, there in (("sites", "site", known.sites), ("regions", "region", known.regions)):
        names = Names(there or ())
        for index, name in texts(data, key):
            if there is not None and name not in names:
                found.append(document.place(key, index).finding(f"unknown {what} '{name}'{names.hint(name)}"))
    for key, what, words in (
        ("site_classes", "site is of class", known.site_classes),
        ("device_tags", "device has the tag", known.device_tags),
    ):
        for index, word in texts(data, key):
            if words is not None and word not in words:
                wrong = document.place(key, index).finding(f"no {what} '{word}'{did_you_mean(word, words)}")
                found.append(replace(wrong, level="warning"))
    if known.devices is not None:
        found += _unknown_devices(data, document, known.devices)
    return found


def _unknown_devices(data: dict[str, Data], document: Document, devices: Collection[str]) -> Iterator[Finding]:
    for index, pattern in texts(data, "devices"):
        if not any(fnmatchcase(device, pattern) for device in devices):
            hint = Names(devices).hint(pattern) if not set(pattern) & set("*?[") else ""
            wrong = document.place("devices", index).finding(f"no device is called '{pattern}'{hint}")
            yield replace(wrong, level="warning")
