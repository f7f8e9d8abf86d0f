"""Reads `config/events/*.yaml` and `config/events/mib/*.yaml` into an EventBook, and finds what is wrong with them.

A folder of the user's own is read after the shipped one; a file of the same name replaces the shipped one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from noc.inventory.events.compiled import EventBook, Meaning, Oid, SyslogRule, Varbind
from noc.inventory.events.text import EventMibText, FamilyText, MeaningText, SyslogText
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import Settings, validate
from noc.settings.yamltext import Document, read

_Text = TypeVar("_Text", bound=Settings)

_OID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_KEPT: Final = 2

_Contents = tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class _Loading:
    notifications: dict[str, Oid] = field(default_factory=dict)
    objects: dict[str, tuple[Oid, Mapping[int, str]]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    varbinds: dict[str, Varbind] = field(default_factory=dict)
    traps: dict[str, Meaning] = field(default_factory=dict)
    beginnings: dict[Oid, Meaning] = field(default_factory=dict)
    vendors: dict[Oid, str] = field(default_factory=dict)
    rules: list[SyslogRule] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def load_events(folders: Sequence[Path]) -> tuple[EventBook, list[Finding]]:
    """Return the book of these folders, and what is wrong with their files. What is wrong is left out of the book.

    From before, where no file of the folders has changed since.
    """
    try:
        contents = tuple((str(path), path.read_bytes()) for path in _files(folders, "mib") + _files(folders))
    except OSError:
        return _load(tuple(folders))  # which says what can't be read
    book, findings = _loaded(tuple(folders), contents)
    return book, list(findings)


@lru_cache(maxsize=_KEPT)
def _loaded(folders: tuple[Path, ...], _: _Contents) -> tuple[EventBook, tuple[Finding, ...]]:
    book, findings = _load(folders)
    return book, tuple(findings)


def _load(folders: Sequence[Path]) -> tuple[EventBook, list[Finding]]:
    loading = _Loading()
    for path in _files(folders, "mib"):
        read_module = _read(path, EventMibText, loading)
        if read_module is None:
            loading.lost.add(path.stem)
        else:
            _module(path.stem, read_module[0], loading)
    for path in _files(folders):
        family = _read(path, FamilyText, loading)
        if family is not None:
            _family(*family, loading)
    return _book(loading), sorted(set(loading.findings))


def _files(folders: Sequence[Path], *below: str) -> list[Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        found |= {path.stem: path for path in sorted(folder.joinpath(*below).glob("*.yaml"))}
    return list(found.values())


def _read(path: Path, model: type[_Text], loading: _Loading) -> tuple[_Text, Document] | None:
    try:
        document = read(path)
        return validate(model, document), document
    except InputError as error:
        loading.findings += error.findings
        return None


def _module(module: str, text: EventMibText, loading: _Loading) -> None:
    for name, oid in text.notifications.items():
        loading.notifications[f"{module}::{name}"] = _numbers(oid)
    for name, thing in text.objects.items():
        values = {int(number): word for number, word in thing.values.items() if number.lstrip("-").isdigit()}
        loading.objects[f"{module}::{name}"] = _numbers(thing.oid), values


def _family(text: FamilyText, document: Document, loading: _Loading) -> None:
    for name, meaning in text.traps.items():
        if _OID.fullmatch(name):
            loading.beginnings[_numbers(name)] = _meaning(meaning)
        elif _known(name, loading.notifications, ("traps", name), document, loading):
            loading.traps[name] = _meaning(meaning)
    for name, varbind in text.varbinds.items():
        if _known(name, loading.objects, ("varbinds", name), document, loading):
            values = loading.objects[name][1]
            loading.varbinds[name] = Varbind(name, values, varbind.fact, varbind.index)
    for prefix, vendor in text.vendors.items():
        if _OID.fullmatch(prefix):
            loading.vendors[_numbers(prefix)] = vendor
        else:
            message = f"'{prefix}' is no OID: write numbers and dots, 1.3.6.1.4.1.9"
            loading.findings.append(document.key_place("vendors", prefix).finding(message))
    for number, rule in enumerate(text.syslog):
        if rule.names or rule.apps or rule.pattern:
            loading.rules.append(_rule(rule))
        else:
            message = "a rule for syslog needs names, apps or pattern, else it fits every message"
            loading.findings.append(document.place("syslog", number).finding(message))


def _known(
    name: str, names: Mapping[str, object], path: tuple[str, str], document: Document, loading: _Loading
) -> bool:
    """Return whether a name is of a module; with a star, whether any of its names fits. Else that is a finding."""
    module = name.partition("::")[0]
    if "*" in name:
        pattern = re.compile(translate(name))
        if any(pattern.match(one) for one in names):
            return True
    elif name in names:
        return True
    if module not in loading.lost:  # of a module with an error, that is told
        hint = did_you_mean(name, names) or "; a name is MODULE::name, and the module is a file in mib/"
        loading.findings.append(document.key_place(*path).finding(f"'{name}' is in no MIB module here{hint}"))
    return False


def _meaning(text: MeaningText) -> Meaning:
    return Meaning(text.event_class, text.severity, text.severities, text.facts, text.look)


def _rule(text: SyslogText) -> SyslogRule:
    literal = max((len(name.replace("*", "")) for name in text.names), default=0)
    return SyslogRule(
        meaning=_meaning(text),
        names=tuple(re.compile(translate(name)) for name in text.names),
        apps=frozenset(text.apps),
        pattern=None if text.pattern is None else re.compile(text.pattern),
        weight=(int(text.pattern is not None), literal, int(bool(text.apps))),
    )


def _book(loading: _Loading) -> EventBook:
    varbinds = {
        oid: loading.varbinds.get(name) or Varbind(name, values) for name, (oid, values) in loading.objects.items()
    }
    starred = sorted((name for name in loading.traps if "*" in name), key=len, reverse=True)
    return EventBook(
        notifications={oid: name for name, oid in loading.notifications.items()},
        varbinds=varbinds,
        traps={name: meaning for name, meaning in loading.traps.items() if "*" not in name},
        trap_patterns=[(re.compile(translate(name)), loading.traps[name]) for name in starred],
        beginnings=loading.beginnings,
        vendors=loading.vendors,
        rules=loading.rules,
    )


def _numbers(oid: str) -> Oid:
    return tuple(map(int, oid.split(".")))
