"""Profiles: loads the files, resolves inheritance, and finds the profile of a device.

`config/profiles/*.yaml` are families and fragments, `config/profiles/mib/*.yaml` the MIB modules whose names they use.
A folder of the user's own is read after the shipped one; a file of the same name replaces the shipped one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from noc.inventory.profiles.cli import cli_names
from noc.inventory.profiles.compile import Compiler, Parts, mapping_of, merge
from noc.inventory.profiles.compiled import Match, Object, Profile, Table
from noc.inventory.profiles.names import Names
from noc.inventory.profiles.text import MibText, ProfileText
from noc.inventory.profiles.written import matches_of
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import validate
from noc.settings.written import texts
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
    sound: bool


def load_profiles(folders: Sequence[Path]) -> tuple[Mapping[str, Profile], list[Finding]]:
    """Return the profiles of these folders by name, and what is wrong with their files.

    A file with an error gives no profile, nor do those that extend it or use its names; all others are there.
    """
    names, files, findings = _read(folders)
    resolver = _Resolver(names, files)
    profiles = {name: _profile(name, parts, text, names) for name, text, parts in resolver.resolve()}
    findings += resolver.findings
    return profiles, sorted(set(findings))


def load_names(folders: Sequence[Path]) -> Names:
    """Return the MIB names that the files of these folders define."""
    return _read(folders)[0]


def _read(folders: Sequence[Path]) -> tuple[Names, dict[str, _File | None], list[Finding]]:
    findings: list[Finding] = []
    names = Names()
    for path in _files([folder / "mib" for folder in folders]).values():
        module = _load(path, MibText, (), names, findings)
        if isinstance(module, tuple):
            findings += names.add(module[0], module[1], ())
    files: dict[str, _File | None] = {}
    platforms = cli_names(folders)
    found = _files(folders)
    for name, path in found.items():
        family = _load(path, ProfileText, ("mib",), names, findings)
        files[name] = None
        if isinstance(family, Document):
            findings += _wrong_parents(name, family, found)
        elif family is not None:
            text, document = family
            wrong = names.add(text.mib, document, ("mib",))
            if text.cli is not None and text.cli not in platforms:
                hint = did_you_mean(text.cli, platforms)
                message = f"cli: unknown platform '{text.cli}'{hint}; known are the files of `cli/`"
                wrong = [*wrong, document.place("cli").finding(message)]
            findings += wrong
            files[name] = _File(text, document, not wrong)
    return names, files, findings


def pick(profiles: Mapping[str, Profile], sys_object_id: str | None, sys_descr: str | None) -> Profile:
    """Return the profile that fits a device best: the longest sysObjectID prefix, then one with a sysDescr pattern.

    Among equals the first name in the alphabet wins; without any fit it is the generic profile.
    """
    identifier = _identifier(sys_object_id or "")
    best: tuple[int, bool] = (0, False)
    chosen = profiles[GENERIC]
    for name in sorted(profiles):
        for match in matches_of(profiles, name):
            if match.oid is not None or not _fits(match, identifier, sys_descr):
                continue
            weight = (len(match.prefix), match.descr is not None)
            if weight > best:
                best, chosen = weight, profiles[name]
    return chosen


def probes(
    profiles: Mapping[str, Profile], sys_object_id: str | None, sys_descr: str | None, picked: Profile
) -> Mapping[str, Profile]:
    """Return the objects that tell a better family than the one that was picked, each with its profile.

    Those that stand alone count where only the generic profile fits; the others where their conditions fit, and no
    longer sysObjectID was found. Among equals the first name wins.
    """
    identifier = _identifier(sys_object_id or "")
    by = [match for match in picked.matches if match.oid is None and _fits(match, identifier, sys_descr)]
    known = max((len(match.prefix) for match in by), default=0)
    found: dict[str, Profile] = {}
    for name in sorted(profiles):
        if name == picked.name:
            continue
        for match in matches_of(profiles, name):
            if match.oid is None:
                continue
            alone = not match.prefix and match.descr is None
            if picked.name == GENERIC if alone else len(match.prefix) >= known and _fits(match, identifier, sys_descr):
                found.setdefault(match.oid, profiles[name])
    return found


def _fits(match: Match, identifier: tuple[int, ...], sys_descr: str | None) -> bool:
    if match.prefix and identifier[: len(match.prefix)] != match.prefix:
        return False
    return match.descr is None or match.descr.search(sys_descr or "") is not None


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            found[path.stem] = path
    return found


def _identifier(sys_object_id: str) -> tuple[int, ...]:
    """Return the numbers of an OID; none for what is no OID: agents put anything there."""
    parts = sys_object_id.strip(".").split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def _load(
    path: Path, model: type[_Text], names_at: tuple[str, ...], names: Names, findings: list[Finding]
) -> tuple[_Text, Document] | Document | None:
    """Return what a file says; what is written where that is wrong; None where it can't be read."""
    document: Document | None = None
    try:
        document = read(path)
        return validate(model, document), document
    except InputError as error:
        findings += error.findings
    if document is not None:
        names.lose(document.data, names_at)
    return document


def _wrong_parents(name: str, document: Document, known: Collection[str]) -> Iterator[Finding]:
    """Yield the names that a file extends and that there are not; also where something else of it is wrong."""
    data = document.data if isinstance(document.data, dict) else {}
    for position, parent in texts(data, "extends"):
        if parent not in known:
            yield document.place("extends", position).finding(_unknown_parent(name, parent, known))


def _unknown_parent(name: str, parent: str, known: Collection[str]) -> str:
    return f"profile '{name}' extends unknown profile '{parent}'{did_you_mean(parent, known)}"


class _Resolver:
    """Compiles each file once and merges it with those that it extends."""

    def __init__(self, names: Names, files: Mapping[str, _File | None]) -> None:
        self._names = names
        self._files = files
        self._done: dict[str, Parts | None] = {}
        self.findings: list[Finding] = []

    def resolve(self) -> Iterator[tuple[str, ProfileText, Parts]]:
        """Yield each sound file's name, text, and parts with what it inherits."""
        for name, file in self._files.items():
            parts = self._parts(name, ())
            if file is not None and parts is not None:
                yield name, file.text, parts

    def _parts(self, name: str, trail: tuple[str, ...]) -> Parts | None:
        if name not in self._done:
            file = self._files[name]
            self._done[name] = None if file is None else self._compiled(name, file, (*trail, name))
        return self._done[name]

    def _compiled(self, name: str, file: _File, trail: tuple[str, ...]) -> Parts | None:
        text, document, sound = file
        compiler = Compiler(self._names, document)
        own = compiler.compile(text)
        self.findings += compiler.findings
        parents: list[Parts] = []
        for position, parent in enumerate(text.extends):
            place = document.place("extends", position)
            inherited: Parts | None = None
            if parent in trail:
                chain = " → ".join((*trail[trail.index(parent) :], parent))
                self.findings.append(place.finding(f"profiles extend each other in a circle: {chain}"))
            elif parent not in self._files:
                self.findings.append(place.finding(_unknown_parent(name, parent, self._files)))
            else:
                inherited = self._parts(parent, trail)
            sound = sound and inherited is not None
            if inherited is not None:
                parents.append(inherited)
        return merge(parents, own) if sound and compiler.sound else None


def _profile(name: str, parts: Parts, text: ProfileText, names: Names) -> Profile:
    used: dict[str, Object] = {key: names.objects[key] for key in SYSTEM_SCALARS if key in names.objects} | parts.used
    for table in INTERFACE_TABLES:
        if table in names.tables:
            used |= {column: names.objects[column] for column in names.tables[table].columns}
    tables = []
    for table, columns in mapping_of(used).items():
        text_of = names.tables[table]
        rows_from = tuple(names.objects[column] for column in text_of.rows_from if column in text_of.columns)
        rows_from = rows_from or (columns[0],)
        tables.append(Table(table, text_of.oid, names.index[table], rows_from, tuple(columns), text_of.at_most))
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
        cli=parts.cli,
    )
