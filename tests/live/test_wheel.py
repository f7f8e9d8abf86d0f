"""The wheel: it carries the shipped data, and finds it when nothing of the checkout is there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ("profiles", "rules", "events")
REPORT = """
import sys
sys.path.insert(0, {tree!r})
import noc
from alerts.rules.load import load_rules
from noc.inventory.events.load import load_events
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
profiles, wrong_profiles = load_profiles([shipped("profiles")])
rules, wrong_rules = load_rules([shipped("rules")])
events, wrong_events = load_events([shipped("events")])
print(noc.__file__, len(wrong_profiles) + len(wrong_rules) + len(wrong_events), sep="\\n")
names = [" ".join(sorted(profiles)), " ".join(sorted(rules)), len(events.notifications)]
print(*names, *map(shipped, {kinds!r}), sep="\\n")
"""
HANDBOOK = """
import sys
sys.path.insert(0, {tree!r})
from noc.web.handbook import Handbook, folder_of_docs
print(folder_of_docs(), Handbook().pages["incidents"].title, sep="\\n")
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "tree")
    return folder / "tree"


def test_the_wheel_carries_every_shipped_file(tree: Path) -> None:
    assert (tree / "noc/shipped/profiles/generic.yaml").is_file()
    assert (tree / "noc/shipped/profiles/mib/IF-MIB.yaml").is_file()
    assert (tree / "noc/shipped/rules/device-down.yaml").is_file()
    assert (tree / "noc/shipped/events/mib/IF-MIB.yaml").is_file()
    assert (tree / "noc/shipped/recordings/net-snmp-linux.snmprec").is_file()
    for kind in KINDS:
        here, there = ROOT / "config" / kind, tree / "noc" / "shipped" / kind
        expected = {path.relative_to(here): path.read_bytes() for path in here.rglob("*.yaml")}
        assert {path.relative_to(there): path.read_bytes() for path in there.rglob("*.yaml")} == expected


def test_the_wheel_carries_the_handbook(tree: Path) -> None:
    there = tree / "noc" / "shipped" / "docs"
    expected = {path.relative_to(ROOT / "docs"): path.read_bytes() for path in (ROOT / "docs").rglob("*.md")}
    assert {path.relative_to(there): path.read_bytes() for path in there.rglob("*") if path.is_file()} == expected
    done = subprocess.run(
        [sys.executable, "-I", "-c", HANDBOOK.format(tree=str(tree))], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [str(there), "Incidents: from new to closed"], done.stderr


def test_the_wheel_carries_the_code_and_its_types_and_nothing_else(tree: Path) -> None:
    tops = {path.name for path in tree.iterdir()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"noc", "collectors", "alerts"}
    for package in ("noc", "collectors", "alerts"):
        assert (tree / package / "py.typed").is_file()


def test_an_installed_noc_finds_its_shipped_data(tree: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-c", REPORT.format(tree=str(tree), kinds=KINDS)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    where, findings, profiles, rules, notifications, *folders = told.stdout.splitlines()
    assert where == str(tree / "noc" / "__init__.py")
    assert folders == [str(tree / "noc" / "shipped" / kind) for kind in KINDS]
    assert findings == "0"
    assert int(notifications) > 200
    for names, kind in zip((profiles, rules), KINDS, strict=False):
        assert names.split() == sorted(path.stem for path in (ROOT / "config" / kind).glob("*.yaml"))


def test_a_damaged_installation_says_so(tree: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(tree)!r}); import noc.inventory.shipped as s; s.shipped('sounds')"
    told = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "no shipped sounds: looked in " in told.stderr
    assert "reinstall noc-monitor" in told.stderr
