"""Which files of tests are of units alone: no database, no web server, no other process, no whole configuration.

`pytest --units` runs these, `make unit` in as many processes as there are cores. Nobody has to say it of a file: what
it imports tells, and what the tests' own modules that it imports do, and the conftest.py files above it whose fixtures
it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
UNITS: Final = ROOT / "tests" / "unit"
PARTS: Final = frozenset(
    {
        "aiohttp",
        "babel.messages.extract",
        "noc.app.check",
        "noc.app.demo",
        "noc.cli.main",
        "noc.http.server",
        "noc.rehearsal.stage",
        "noc.simulator.run",
        "noc.state.database",
        "noc.store.embedded.engine",
        "sqlite3",
        "subprocess",
        "typer.testing",
    }
)
"""Modules that more than a unit is tested with: servers and databases, the whole daemon or command line, a whole
simulated world, the whole source text."""

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+(\([^)]*\)|[^\n#]*)", re.MULTILINE)
_NAME = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+\w+)?")


@cache
def is_of_units(file: Path) -> bool:
    """Return whether a file of tests needs nothing but units."""
    if _reaches(file):
        return False
    words = set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
    above = (folder / "conftest.py" for folder in file.parents if folder.is_relative_to(ROOT / "tests" / "unit"))
    return not any(_reaches(one) and words & _fixtures(one) for one in above)


@cache
def part(number: int, parts: int) -> frozenset[Path]:
    """Return the files of units in one of so many parts (the first is 1), each of about as many bytes.

    Neighbours stay together, as they import the same.
    """
    files = [file for file in sorted(UNITS.rglob("test_*.py")) if is_of_units(file)]
    ends = list(accumulate(file.stat().st_size for file in files))
    return frozenset(file for file, end in zip(files, ends, strict=True) if (end - 1) * parts // ends[-1] == number - 1)


@cache
def folders(number: int, parts: int) -> frozenset[Path]:
    """Return the folders in which the files of one part are, and those above them."""
    return frozenset(folder for file in part(number, parts) for folder in file.parents)


@cache
def _fixtures(file: Path) -> frozenset[str]:
    """Return the names that a conftest.py defines."""
    return frozenset(re.findall(r"^(?:async )?def (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))


@cache
def _reaches(file: Path) -> bool:
    """Return whether a file imports one of PARTS, or another one of the tests' that does."""
    if not file.is_file():
        return False
    imported = set(_imported(file.read_text(encoding="utf-8")))
    if imported & PARTS:
        return True
    return any(_reaches(one) for name in imported if (one := _file_of(name)) is not None and one != file)


def _imported(text: str) -> Iterator[str]:
    """Yield what a file imports: modules, and names in them, which may be modules."""
    for module, names in _IMPORT.findall(text):
        if module:
            yield module
        for name in _NAME.findall(names.strip("()")):
            yield f"{module}.{name}" if module else name


def _file_of(name: str) -> Path | None:
    """Return where one of the tests' own modules stands; None for all others."""
    return ROOT / f"{name.replace('.', '/')}.py" if name.startswith("tests.") else None
