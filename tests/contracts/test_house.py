"""The rules of the house that a machine can keep: no module escapes the layers, sizes, names, one clock."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from noc import plugins

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in PROJECT["tool"]["importlinter"]["contracts"]}
PACKAGES = ("noc", "collectors", "alerts")
LINES_AT_MOST = 400
FUNCTION_LINES_AT_MOST = 50
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}
CATCHES_ALL = re.compile(r"^\s*except(?: BaseException\b.*)?:", re.MULTILINE)
"""Would catch a cancellation too: what has to be undone stands in an AsyncExitStack or a finally."""
LOOSENS_TLS = re.compile(r"\.check_hostname = ")
TIME_CALLS = re.compile(r"\btime\.time\(|\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(")


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        found = sorted((ROOT / package).rglob("*.py"))
        yield from (path for path in found if "node_modules" not in path.parts)  # npm's, not ours


class Facts(NamedTuple):
    """What the rules ask of a module. functions: name and number of lines of each."""

    text: str
    imported: frozenset[str]
    functions: tuple[tuple[str, int], ...]


@cache
def facts(path: Path) -> Facts:
    text, imported, functions = path.read_text(), set[str](), list[tuple[str, int]]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported.add(node.module)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            docstring = ast.get_docstring(node, clean=False) or ""
            signature = node.body[0].lineno - node.lineno
            functions.append((node.name, node.end_lineno - node.lineno + 1 - len(docstring.splitlines()) - signature))
    return Facts(text, frozenset(imported), tuple(functions))


def rooms_on_disk() -> set[str]:
    """Return what stands directly below `noc`, and the other two packages: each is a room."""
    rooms = {"collectors", "alerts"}
    for entry in (ROOT / "noc").iterdir():
        is_module = entry.suffix == ".py" and entry.stem != "__init__"
        if is_module or (entry / "__init__.py").exists():
            rooms.add(f"noc.{entry.stem}")
    return rooms


def rooms_in_contract() -> dict[str, bool]:
    """Return the rooms that the layers name; True where the contract lets them be absent."""
    found = {}
    for layer in CONTRACTS["layers"]["layers"]:
        for name in layer.split("|"):
            found[name.strip().strip("()")] = name.strip().startswith("(")
    return found


def test_every_room_on_disk_has_a_place_in_the_layers() -> None:
    assert rooms_on_disk() - rooms_in_contract().keys() == set()


def test_a_room_that_is_there_may_not_be_called_absent() -> None:
    optional = {name for name, may_be_absent in rooms_in_contract().items() if may_be_absent}
    assert optional & rooms_on_disk() == set()


PLUGINS = {"plugins-collectors": "collectors", "plugins-stores": "noc.store"}


@pytest.mark.parametrize(("contract", "package"), list(PLUGINS.items()))
def test_no_plugin_escapes_independence(contract: str, package: str) -> None:
    assert set(CONTRACTS[contract]["modules"]) == {f"{package}.{name}" for name in plugins.names(package)}


def test_every_folder_with_code_is_a_package() -> None:
    # A folder without __init__.py is invisible to import-linter.
    assert [str(path) for path in modules() if not (path.parent / "__init__.py").exists()] == []


def test_every_third_party_library_has_one_door() -> None:
    """Whatever is imported from outside is named by a contract, or is one of those that shape the whole house."""
    everywhere = {"pydantic", "pydantic_core"}  # the vocabulary of settings: each component owns its own
    own = {*PACKAGES}
    doors = {
        name for entry in CONTRACTS.values() if entry["id"].startswith("door-") for name in entry["forbidden_modules"]
    }
    standard = __import__("sys").stdlib_module_names
    used: dict[str, str] = {}
    for path in modules():
        for name in facts(path).imported:
            used.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    outside = {name: path for name, path in used.items() if name not in standard and name not in own}
    assert {name: path for name, path in outside.items() if name not in doors | everywhere} == {}


def broken_rules(path: Path) -> Iterator[str]:
    """Yield each rule of the house that a module breaks."""
    where, known = path.relative_to(ROOT), facts(path)
    lines = len(known.text.splitlines())
    if lines > LINES_AT_MOST:
        yield f"{where} has {lines} lines"
    if path.stem in SAYS_NOTHING:
        yield f"{where}: the name says nothing"
    if path != ROOT / "noc" / "clock.py" and TIME_CALLS.search(known.text):
        yield f"{where}: time comes from the clock"
    if path != ROOT / "noc" / "wire" / "http.py" and LOOSENS_TLS.search(known.text):
        yield f"{where}: whom TLS trusts is said by noc.wire.http.Tls, whose contexts are shared"
    if CATCHES_ALL.search(known.text):
        yield f"{where}: catches all"
    for name, length in known.functions:
        if length > FUNCTION_LINES_AT_MOST:
            yield f"{where}: {name} has {length} lines"


def test_every_module_keeps_the_rules() -> None:
    assert [broken for path in modules() for broken in broken_rules(path)] == []


@pytest.mark.parametrize("folder", ["bench", "docs", "tests"])
def test_what_stands_beside_the_packages_is_no_longer_than_they_are(folder: str) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > LINES_AT_MOST} == {}


def test_a_broken_rule_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "utils.py"
    text = "def long():\n" + "    time.time()\n" * LINES_AT_MOST
    text += "    context.check_hostname = False\n"
    path.write_text(text + "    try: ...\n    except BaseException as error: ...\n")
    assert list(broken_rules(path)) == [
        f"utils.py has {LINES_AT_MOST + 4} lines",
        "utils.py: the name says nothing",
        "utils.py: time comes from the clock",
        "utils.py: whom TLS trusts is said by noc.wire.http.Tls, whose contexts are shared",
        "utils.py: catches all",
        f"utils.py: long has {LINES_AT_MOST + 3} lines",
    ]
