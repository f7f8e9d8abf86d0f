"""Writes files of `config/events/mib/` from MIB modules that pysmi has compiled: notifications, their objects, OIDs.

    mibdump --destination-format=pysnmp --destination-directory=compiled --mib-source=FOLDER_OF_MIB_TEXTS MODULE...
    python docs/make_event_names.py compiled config/events/mib MODULE...

`mibdump` is a program of pysmi; a folder `compiled` of modules that somebody else compiled, such as PyPI's
pysnmp-mibs, will do as well. A module may be followed by more objects of it: `IF-MIB:ifName,ifAlias`.
"""  # noqa: INP001 a script, no package

from __future__ import annotations

import sys
from pathlib import Path

from pysnmp.smi import builder, error

from noc.wire.ber_values import Oid


def dotted(oid: Oid) -> str:
    """Return an OID as text."""
    return ".".join(map(str, oid))


def quoted(word: str) -> str:
    """Return a word as YAML text; what would be taken for something else in quotes."""
    return f'"{word}"' if word in ("true", "false", "null") else word


def values_of(thing: object) -> dict[int, str]:
    """Return the enumeration of an object, if it is one."""
    named = getattr(getattr(thing, "syntax", None), "namedValues", None)
    return {int(number): str(word) for word, number in named.items()} if named else {}


def module_text(mibs: builder.MibBuilder, module: str, more: set[str]) -> str:
    """Return the file of a module. Objects of other modules in its notifications stand in the file of that module."""
    symbols = mibs.mibSymbols[module]
    (kind,) = mibs.import_symbols("SNMPv2-SMI", "NotificationType")
    scalar, column = mibs.import_symbols("SNMPv2-SMI", "MibScalar", "MibTableColumn")
    notifications = {name: thing for name, thing in symbols.items() if isinstance(thing, kind)}
    wanted = {
        name
        for other in mibs.mibSymbols.values()
        for thing in other.values()
        if isinstance(thing, kind)
        for _, name in thing.getObjects()  # older pysmi names the module of the notification, not of the object
    }
    wanted |= more
    lines = [f"title: Notifications of {module}", "source: compiled by pysmi (docs/make_event_names.py)"]
    if notifications:
        lines.append("notifications:")
        by_oid = sorted(notifications.items(), key=lambda item: tuple(item[1].name))
        lines += [f"  {name}: {dotted(tuple(thing.name))}" for name, thing in by_oid]
    objects = [
        (tuple(thing.name), name, values_of(thing))
        for name, thing in symbols.items()
        if isinstance(thing, scalar | column) and name in wanted
    ]
    if objects:
        lines.append("objects:")
    for oid, name, values in sorted(objects):
        listed = ", ".join(f'"{number}": {quoted(word)}' for number, word in sorted(values.items()))
        # An enumeration of hundreds (ifType) says nothing that a number would not.
        words = f", values: {{{listed}}}" if values and len(values) <= 40 else ""
        lines.append(f"  {name}: {{oid: {dotted(oid)}{words}}}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write a file for each module that the command line names."""
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    source, goal = sys.argv[1:3]
    modules = {
        name: set(filter(None, more.split(","))) for name, _, more in (one.partition(":") for one in sys.argv[3:])
    }
    mibs = builder.MibBuilder()
    mibs.add_mib_sources(builder.DirMibSource(source))
    try:
        mibs.load_modules(*modules)
    except error.SmiError as failure:
        sys.exit(f"{source}: {failure}")
    for module, more in modules.items():
        text = module_text(mibs, module, more)
        (Path(goal) / f"{module}.yaml").write_text(text)
        print(f"{module}: {len(text.splitlines())} lines")  # noqa: T201


if __name__ == "__main__":
    main()
