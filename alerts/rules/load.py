"""Rules: loads the files, and finds what is wrong with them.

A folder of the user's own is read after the shipped one; a file of the same name replaces the shipped one, and one
that holds `enabled: false` alone switches it off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Final

from alerts.rules.build import Text, compiled_rule
from alerts.rules.compiled import Rule
from alerts.rules.eventtext import EventText
from alerts.rules.exampleplaces import unknown_in
from alerts.rules.exampletext import ExamplesText, ExampleText
from alerts.rules.expressiontext import BurnText, ExpressionText
from alerts.rules.text import DownText, RuleText, ThresholdText
from noc.inventory.names import Names
from noc.inventory.values import id_like, is_id
from noc.inventory.written import WrittenNames
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import validate
from noc.settings.textfile import read_text
from noc.settings.written import texts
from noc.settings.yamltext import Data, Document, parse, read

MODELS: Final[Mapping[str, type[Text]]] = {
    "down": DownText,
    "threshold": ThresholdText,
    "expression": ExpressionText,
    "event": EventText,
    "burn": BurnText,
}
"""What is written in a rule of each kind."""

_TELLING: Final[Mapping[type[Text], frozenset[str]]] = {
    EventText: frozenset({"match"}),
    ExpressionText: frozenset({"when"}),
    BurnText: frozenset({"rates"}),
    ThresholdText: frozenset(ThresholdText.model_fields) - frozenset(RuleText.model_fields),
}
"""Keys by which a rule is known whose kind is wrong."""

EXAMPLES: Final = ".examples.yaml"
_OFF = {"enabled": False}

_KEPT: Final = 512
"""How many files of rules are kept as they were understood: those of a reload and of what is tried beside it."""

_KEPT_CHARACTERS: Final = 100_000
"""Of one file; a larger one is read anew each time."""


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


@dataclass(frozen=True, slots=True)
class _Understood:
    """What a file of a rule says by itself. text, rule: None where findings say why; None too where it says nothing."""

    document: Document
    text: Text | None = None
    rule: Rule | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Loading:
    known: Known | None
    rules: dict[str, Rule] = field(default_factory=dict)
    examples: dict[str, tuple[ExampleText, ...]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def load_rules(folders: Sequence[Path], known: Known | None = None) -> tuple[Mapping[str, Rule], list[Finding]]:
    """Return the rules of these folders that are enabled, by name, and what is wrong with their files.

    A file may stand in the place of a folder. A file with an error gives no rule; all others are there. known: without
    it, names of sites and the like aren't looked at.
    """
    loading = _load(folders, known)
    return dict(sorted(loading.rules.items())), sorted(set(loading.findings))


def load_examples(folders: Sequence[Path]) -> Mapping[str, tuple[ExampleText, ...]]:
    """Return the examples of each rule, in its file or beside it. Raises InputError where a file is wrong."""
    loading = _load(folders, None)
    if wrong := [finding for finding in loading.findings if finding.level == "error"]:
        raise InputError(sorted(set(wrong)))
    return dict(sorted(loading.examples.items()))


def _load(folders: Sequence[Path], known: Known | None) -> _Loading:
    loading = _Loading(known)
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(folder.glob("*.yaml"))
        for path in files:
            if not path.name.endswith(EXAMPLES):
                _take(path, loading)
                loading.seen.add(path.stem)
        for path in files:
            if path.name.endswith(EXAMPLES):
                _take_examples(path, loading)
    return loading


def _take_examples(path: Path, loading: _Loading) -> None:
    name = path.name.removesuffix(EXAMPLES)
    try:
        document = read(path)
        if name not in loading.seen:
            hint = did_you_mean(name, loading.seen)
            loading.findings.append(document.place().finding(f"there is no rule '{name}' that these are of{hint}"))
            return
        more = validate(ExamplesText, document).examples
    except InputError as error:
        loading.findings += error.findings
        return
    rule = loading.rules.get(name)
    if rule is not None:
        loading.findings += unknown_in(rule, more, document)
    loading.examples[name] = (*loading.examples.get(name, ()), *more)


def _take(path: Path, loading: _Loading) -> None:
    name = path.stem
    loading.rules.pop(name, None)
    loading.findings += _wrong_name(path)
    try:
        content = read_text(path)
        understand = _understood if len(content) <= _KEPT_CHARACTERS else _understood.__wrapped__
        written = understand(str(path), content)
        document, text, rule = written.document, written.text, written.rule
        if document.data == _OFF:
            if name not in loading.seen:
                message = f"there is no shipped rule '{name}' to switch off{did_you_mean(name, loading.seen)}"
                loading.findings.append(document.place().finding(message))
            return
        unknown = _unknown_names(document, loading.known)  # of what is written, so that no mistake hides another
        loading.findings += unknown
    except InputError as error:
        loading.findings += error.findings
        return
    loading.findings += written.findings
    if text is None or rule is None:
        return
    loading.findings += unknown_in(rule, text.examples, document)
    loading.examples[name] = text.examples
    if text.enabled and is_id(name) and all(finding.level != "error" for finding in unknown):
        loading.rules[name] = rule


@lru_cache(maxsize=_KEPT)
def _understood(file: str, content: str) -> _Understood:
    """Return what a file says, from before where neither has changed since: all shipped ones are read at each reload.

    Raises InputError where it is no YAML.
    """
    document = parse(content, file)
    if document.data == _OFF:
        return _Understood(document)
    try:
        text = validate(_model(document), document)
        return _Understood(document, text, compiled_rule(Path(file).stem, text, document))
    except InputError as error:
        return _Understood(document, findings=tuple(error.findings))


def _wrong_name(path: Path) -> list[Finding]:
    if is_id(path.stem):
        return []
    better = id_like(path.stem)
    hint = f"; call it {better}.yaml" if better else ""
    message = f"the file's name is the rule's name: small letters, digits, '.', '_' and '-'{hint}"
    return [Finding(str(path), 0, 0, "error", message)]


def _model(document: Document) -> type[Text]:
    """Return the kind of rule that somebody wrote, also where `kind` itself is wrong."""
    data = document.data
    if not isinstance(data, dict):
        return DownText
    known = MODELS.get(str(data.get("kind")))
    if known is not None:
        return known
    return next((model for model, keys in _TELLING.items() if keys & data.keys()), DownText)


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
