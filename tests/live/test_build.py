"""What is installed: it carries the built scripts and styles, and the hook that builds them says what it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "noc" / "web"
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
HOOK = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
import hatch_build
hatch_build.build(Path({web!r}))
"""


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    path = WEB / "static" / "manifest.json"
    assert path.exists(), "run `make assets`"
    found: dict[str, str] = json.loads(path.read_text())
    return found


def run_hook(web: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run the build hook over a folder, with a PATH."""
    return subprocess.run(
        [sys.executable, "-c", HOOK.format(root=str(ROOT), web=str(web))],
        env={"PATH": path, "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_is_installed_carries_the_built_files(kind: str, manifest: dict[str, str], tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = tmp_path.iterdir()
    if kind == "wheel":
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    else:
        with tarfile.open(path) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"manifest.json", *manifest.values(), *(f"{file}.gz" for file in manifest.values())}
    assert {f"noc/web/static/{name}" for name in wanted} <= names
    assert {f"noc/web/templates/{path.name}" for path in TEMPLATES} <= names
    assert not any("node_modules" in name for name in names)
    has_sources = any(name.startswith("noc/web/assets/") for name in names)
    assert has_sources is (kind == "sdist")


def test_the_hook_builds_nothing_where_all_is_there(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "manifest.json").write_text("{}")
    told = run_hook(tmp_path, path="/nonexistent")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_the_hook_says_in_one_sentence_that_npm_is_missing(tmp_path: Path) -> None:
    told = run_hook(tmp_path, path="/nonexistent")
    assert told.returncode == 1
    (said,) = told.stderr.splitlines()
    assert said.startswith("noc: npm was not found; the pages of noc are built by npm (Node 20 or newer")


def test_the_hook_says_what_npm_said(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\necho 'no lock file' >&2\nexit 7\n")
    npm.chmod(0o755)
    told = run_hook(tmp_path, path=f"{npm.parent}:/bin:/usr/bin")
    assert told.returncode == 1
    assert "`npm ci" in told.stderr
    assert "no lock file" in told.stderr
    assert "Traceback" not in told.stderr
