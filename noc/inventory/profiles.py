"""Profiles: loads the files, resolves inheritance, and finds the profile of a device.

`config/profiles/*.yaml` are families and fragments, `config/profiles/mib/*.yaml` the MIB modules whose names they use.
A folder of the user's own is read after the shipped one; a file of the same name replaces the shipped one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from noc.inventory.profile import Object, Profile, Table
from noc.inventory.profile_compile import Compiler, Names, Parts, mapping_of, merge
from noc.inventory.profile_schema import MibText, ProfileText
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import validate
from noc.settings.yamltext import Document, read

_Text = TypeVar("_Text", MibText, ProfileText)

GENERIC = "generic"
"""The profile of a device that no other one matches: what any SNMP agent has."""

SYSTEM_SCALARS = ("sysDescr", "sysObjectID", "sysUpTime", "sysName")
"""Asked of every device, in one request, before its profile is known."""

INTERFACE_TABLES = ("ifTable", "ifXTable")
"""Read whole with every profile."""


class _File(NamedTuple):
    text: ProfileText
    document: Document


def load_profiles(folders: Sequence[Path]) -> tuple[Mapping[str, Profile], list[Finding]]:
    """Return the profiles of these folders by name, and what is wrong with their files.

    A file with an error gives no profile, nor do those that extend it; all others are there.
    """
    findings: list[Finding] = []
    names = Names()
    for path in _files([folder / "mib" for folder in folders]).values():
        loaded = _load(path, MibText, findings)
        if loaded is not None:
            findings += names.add(loaded[0], loaded[1], ())
    files: dict[str, _File] = {}
    for name, path in _files(folders).items():
        family = _load(path, ProfileText, findings)
        if family is not None:
            files[name] = _File(*family)
            findings += names.add(family[0].mib, family[1], ("mib",))
    resolver = _Resolver(names, files)
    profiles = {name: _profile(name, parts, files[name].text, names) for name, parts in resolver.resolve().items()}
    findings += resolver.findings
    return profiles, sorted(set(findings))


def pick(profiles: Mapping[str, Profile], sys_object_id: str | None, sys_descr: str | None) -> Profile:
    """Return the profile that fits a device best: the longest sysObjectID prefix, then one with a sysDescr pattern.

    Among equals the first name in the alphabet wins; without any fit it is the generic profile.
    """
    identifier = tuple(map(int, sys_object_id.split("."))) if sys_object_id else ()
    best: tuple[int, bool] = (0, False)
    chosen = profiles[GENERIC]
    for name in sorted(profiles):
        for match in profiles[name].matches:
            if match.prefix and identifier[: len(match.prefix)] != match.prefix:
                continue
            if match.descr is not None and not match.descr.search(sys_descr or ""):
                continue
            weight = (len(match.prefix), match.descr is not None)
            if weight > best:
                best, chosen = weight, profiles[name]
    return chosen


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            found[path.stem] = path
    return found


def _load(path: Path, model: type[_Text], findings: list[Finding]) -> tuple[_Text, Document] | None:
    try:
        document = read(path)
        return validate(model, document), document
    except InputError as error:
        findings += error.findings
        return None


class _Resolver:
    """Compiles each file once and merges it with those that it extends."""

    def __init__(self, names: Names, files: Mapping[str, _File]) -> None:
        self._names = names
        self._files = files
        self._done: dict[str, Parts | None] = {}
        self.findings: list[Finding] = []

    def resolve(self) -> dict[str, Parts]:
        resolved = {name: self._parts(name, ()) for name in self._files}
        return {name: parts for name, parts in resolved.items() if parts is not None}

    def _parts(self, name: str, trail: tuple[str, ...]) -> Parts | None:
        if name in self._done:
            return self._done[name]
        text, document = self._files[name]
        compiler = Compiler(self._names, document)
        own = compiler.compile(text)
        self.findings += compiler.findings
        parents: list[Parts | None] = []
        for position, parent in enumerate(text.extends):
            place = document.place("extends", position)
            if parent in (*trail, name):
                chain = " → ".join((*trail, name, parent))
                self.findings.append(place.finding(f"profiles extend each other in a circle: {chain}"))
                parents.append(None)
            elif parent not in self._files:
                hint = did_you_mean(parent, self._files)
                self.findings.append(place.finding(f"profile '{name}' extends unknown profile '{parent}'{hint}"))
                parents.append(None)
            else:
                parents.append(self._parts(parent, (*trail, name)))
        whole = [parts for parts in parents if parts is not None]
        sound = not compiler.findings and len(whole) == len(parents)
        self._done[name] = merge(whole, own) if sound else None
        return self._done[name]


def _profile(name: str, parts: Parts, text: ProfileText, names: Names) -> Profile:
    used: dict[str, Object] = {key: names.objects[key] for key in SYSTEM_SCALARS if key in names.objects} | parts.used
    for table in INTERFACE_TABLES:
        if table in names.tables:
            used |= {column: names.objects[column] for column in names.tables[table].columns}
    tables = []
    for table, columns in mapping_of(used).items():
        text_of = names.tables[table]
        rows_from = tuple(names.objects[column] for column in text_of.rows_from) or (columns[0],)
        tables.append(Table(table, text_of.oid, names.index[table], rows_from, tuple(columns)))
    return Profile(
        name=name,
        title=text.title,
        matches=parts.matches,
        identity=parts.identity,
        scalars=tuple(thing for thing in used.values() if thing.table is None),
        tables=tuple(tables),
        sensors=parts.sensors,
        records=parts.records,
        satellite=parts.satellite,
    )
