"""Starts a profile from a recording: what noc knows of it already, and what else the agent has. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC, pick
from noc.inventory.profiles.names import Names

Oid = tuple[int, ...]
Plain = int | str | bytes
Samples = Mapping[Oid, Plain]
"""Object to its value; octets as text where they are some."""

SYS_DESCR: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_OBJECT_ID: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 2, 0)
ENTERPRISES: Final[Oid] = (1, 3, 6, 1, 4, 1)
SAMPLE_CHARACTERS: Final = 40
SCALARS_AT_MOST: Final = 300
TABLES_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class _Found:
    """A table of no known MIB: its entry, its columns with a sample each, how many rows."""

    entry: Oid
    columns: Mapping[int, Plain]
    rows: int


def text_or_octets(octets: bytes) -> str | bytes:
    """Return octets as text, without the zeros that some agents end it with; as they are where they are no text."""
    try:
        text = octets.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return octets
    return text if all(one.isprintable() or one.isspace() for one in text) else octets


def draft(title: str, recorded: Samples, profiles: Mapping[str, Profile], names: Names) -> str:
    """Return the text of a profile file that `noc check` finds nothing wrong with."""
    identifier, descr = str(recorded.get(SYS_OBJECT_ID, "")), str(recorded.get(SYS_DESCR, ""))
    fits = pick(profiles, identifier, descr)
    known = _known(recorded, names)
    parents = _parents(known, fits, profiles)
    lines = [
        f"# Begun from a recording. sysDescr: {_shown(descr)}",
        f"# Until now such a device is read by the profile '{fits.name}'.",
        f"title: {_quoted(title)}",
        f"extends: [{', '.join(parents)}]",
        "match:",
        f"  - {{{_match(identifier, descr, fits)}}}",
        "identity:",
        f"  vendor: {_quoted(title.split(maxsplit=1)[0])}",
        "  device_class: other   # router, switch, firewall, satellite-modem, ups, …"
        if fits.name == GENERIC
        else f"  # device_class, model, version, serial: as in '{fits.name}'",
        *_told_known(known, profiles),
        *_told_unknown(_unknown(recorded, names)),
    ]
    return "\n".join(lines) + "\n"


def _known(recorded: Samples, names: Names) -> dict[str, int]:
    """Return the known tables that have rows, with how many."""
    rows: dict[str, int] = {}
    for name, table in names.tables.items():
        entry = tuple(map(int, table.oid.split(".")))
        wanted = {column.id for column in table.columns.values()}
        found = Counter(oid[len(entry)] for oid in recorded if oid[: len(entry)] == entry and len(oid) > len(entry) + 1)
        most = max((count for column, count in found.items() if column in wanted), default=0)
        if most:
            rows[name] = most
    return rows


def _parents(known: Mapping[str, int], fits: Profile, profiles: Mapping[str, Profile]) -> list[str]:
    """Return what the profile should extend: what fits already, and fragments whose tables are there too."""
    had = {table.name for table in fits.tables}
    parents = [fits.name]
    for name, profile in sorted(profiles.items()):
        own = {table.name for table in profile.tables} - {table.name for table in profiles[GENERIC].tables}
        if not profile.matches and own and own <= known.keys() and not own <= had:
            parents.append(name)
    return parents


def _told_known(known: Mapping[str, int], profiles: Mapping[str, Profile]) -> Iterator[str]:
    if not known:
        return
    yield "# Tables that noc knows by name, their rows in the recording, and who reads them:"
    for table, rows in sorted(known.items()):
        readers = sorted(name for name, profile in profiles.items() if table in {one.name for one in profile.tables})
        told = ", ".join(readers[:4]) + (", …" if len(readers) > 4 else "") if GENERIC not in readers else GENERIC
        yield f"#   {table}: {rows} ({told or 'no profile yet'})"


def _told_unknown(unknown: Samples) -> Iterator[str]:
    scalars = {oid: value for oid, value in unknown.items() if _is_scalar(oid)}
    tables = _tables({oid: value for oid, value in unknown.items() if oid not in scalars})
    if not scalars and not tables:
        return
    yield "# What else the agent has, under names made up here: look them up in the vendor's MIB, name them as it does,"
    yield "# throw away what nobody needs, and say what the rest means under `sensors` and `records`:"
    yield "# sensors:"
    yield "#   - {kind: temperature, value: …, name: …}"
    yield "mib:"
    if scalars:
        yield "  scalars:"
        for oid, value in sorted(scalars.items())[:SCALARS_AT_MOST]:
            yield f"    {_name('object', oid[6:-1])}: {{oid: {_dotted(oid[:-1])}{_type(value)}}}   # {_shown(value)}"
    if tables:
        yield "  tables:"
        for table in tables[:TABLES_AT_MOST]:
            name = _name("table", table.entry[6:-1])
            yield f"    {name}:   # rows: {table.rows}"
            yield f"      oid: {_dotted(table.entry)}"
            yield f"      index: [{{name: {name}Index, type: rest}}]"
            yield "      columns:"
            for column, value in sorted(table.columns.items()):
                yield f"        {name}Column{column}: {{id: {column}{_type(value)}}}   # {_shown(value)}"


def _is_scalar(oid: Oid) -> bool:
    """Tell a scalar by its `.0`; names have no other zero (RFC 2578, section 7.10), but indexes may."""
    return oid[-1] == 0 and 0 not in oid[6:-1]


def _tables(cells: Samples) -> list[_Found]:
    """Return tables by their form: `entry.column.index`, where the entry's last number is 1 (RFC 2578, 7.1.12)."""
    left, found = dict(cells), []
    by_entry: dict[Oid, set[Oid]] = defaultdict(set)
    for oid in cells:
        for cut in range(8, len(oid) - 1):
            if oid[cut - 1] == 1 and 0 not in oid[6:cut]:
                by_entry[oid[:cut]].add(oid)
    for entry in sorted(by_entry, key=lambda entry: (-_fitness(entry, by_entry[entry]), entry)):
        mine = sorted(oid for oid in by_entry[entry] if oid in left)
        if not mine:
            continue
        rows = {oid[len(entry) + 1 :] for oid in mine}
        columns = {oid[len(entry)]: left[oid] for oid in reversed(mine)}
        found.append(_Found(entry, columns, len(rows)))
        for oid in mine:
            del left[oid]
    return sorted(found, key=lambda table: table.entry)


def _fitness(entry: Oid, oids: Iterable[Oid]) -> float:
    """Return how much this looks like a table: many columns that have the same rows, and short indexes."""
    rows: dict[int, set[Oid]] = defaultdict(set)
    for oid in oids:
        rows[oid[len(entry)]].add(oid[len(entry) + 1 :])
    largest = max(map(len, rows.values()))
    alike = sum(len(column) == largest for column in rows.values())
    every = set().union(*rows.values())
    return alike * sum(map(len, rows.values())) / len(every) / (1 + 0.1 * min(map(len, every)))


def _unknown(recorded: Samples, names: Names) -> dict[Oid, Plain]:
    """Return the objects of enterprises that no known name stands for."""
    known = {tuple(map(int, thing.oid.split("."))) for thing in names.objects.values()}
    return {
        oid: value
        for oid, value in recorded.items()
        if oid[:6] == ENTERPRISES and not any(oid[:cut] in known for cut in range(7, len(oid)))
    }


def _match(identifier: str, descr: str, fits: Profile) -> str:
    """Return how such devices are recognised: by the enterprise and its first branch, or more closely than now."""
    parts = identifier.split(".")
    if len(parts) < 7 or not all(part.isdigit() for part in parts) or tuple(map(int, parts[:6])) != ENTERPRISES:
        return f"sys_descr: {_word(descr)}"
    return f"sys_object_id: {'.'.join(parts[:8]) if fits.name == GENERIC else identifier}"


def _name(kind: str, numbers: Sequence[int]) -> str:
    return kind + "_".join(map(str, numbers))


def _type(value: Plain) -> str:
    if isinstance(value, bytes):
        return ", type: hex"
    return ", type: string" if isinstance(value, str) else ""


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def _shown(value: Plain) -> str:
    told = value.hex(" ") if isinstance(value, bytes) else str(value)
    text = "".join(c if c.isprintable() else "·" for c in told)
    return text if len(text) <= SAMPLE_CHARACTERS else text[: SAMPLE_CHARACTERS - 1] + "…"


def _quoted(text: str) -> str:
    return "'" + "".join(c if c.isprintable() else " " for c in text).replace("'", "''") + "'"


def _word(descr: str) -> str:
    words = re.findall(r"[A-Za-z][A-Za-z0-9-]{3,}", descr)
    return _quoted(re.escape(words[0]) if words else ".")
