"""The pages' scripts and styles: built, small, carried by what is installed, and fit for the content policy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "noc" / "web"
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
BUDGET = 150_000
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)|(?:left|right)\s*:|text-align:\s*(?:left|right))"
)
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


def test_what_a_page_may_load_is_within_the_budget(manifest: dict[str, str]) -> None:
    sizes = [(WEB / "static" / f"{file}.gz").stat().st_size for file in manifest.values()]
    assert 0 < sum(sizes) <= BUDGET


def test_templates_name_only_files_that_are_built(manifest: dict[str, str]) -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"asset\('([^']+)'\)", path.read_text())}
    assert named == manifest.keys()
    assert all((WEB / "static" / file).is_file() for file in manifest.values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_nothing_that_the_content_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', text) == []


def test_the_style_knows_no_left_and_right(manifest: dict[str, str]) -> None:
    assert PHYSICAL.findall((WEB / "assets" / "src" / "noc.css").read_text()) == []
    built = (WEB / "static" / manifest["noc.css"]).read_text()
    # uPlot's own sheet is the exception: charts run from left to right in every language.
    before, _, rest = built.partition("@layer uplot{")
    assert PHYSICAL.findall(before + rest[rest.index("@layer noc{") :]) == []


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


def test_the_lock_file_is_the_one_of_package_json() -> None:
    package = json.loads((WEB / "assets" / "package.json").read_text())
    lock = json.loads((WEB / "assets" / "package-lock.json").read_text())
    assert lock["packages"][""]["devDependencies"] == package["devDependencies"]
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in package["devDependencies"].values())
