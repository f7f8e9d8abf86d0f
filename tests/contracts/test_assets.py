"""The pages' scripts and styles: built, small, and fit for the content policy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from noc.web.lite import STYLE

ROOT = Path(__file__).parents[2]
WEB = ROOT / "noc" / "web"
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
BUDGET, LARGE_BUDGET = 150_000, 250_000
SHARED = frozenset({"theme.js", "noc.js", "noc.css", "icon.svg"})
LARGE = frozenset({"map.js", "wall.js"})
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)|(?:left|right)\s*:|text-align:\s*(?:left|right))"
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    path = WEB / "static" / "manifest.json"
    assert path.exists(), "run `make assets`"
    found: dict[str, str] = json.loads(path.read_text())
    return found


def test_what_a_page_may_load_is_within_the_budget(manifest: dict[str, str]) -> None:
    sizes = {name: (WEB / "static" / f"{file}.gz").stat().st_size for name, file in manifest.items()}
    shared = sum(sizes[name] for name in SHARED)
    assert 0 < shared <= BUDGET
    for name in sizes.keys() - SHARED:
        assert shared + sizes[name] <= (LARGE_BUDGET if name in LARGE else BUDGET), name


def test_templates_name_only_files_that_are_built(manifest: dict[str, str]) -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"asset\('([^']+)'\)", path.read_text())}
    assert named | {STYLE} == manifest.keys()
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


def test_the_lock_file_is_the_one_of_package_json() -> None:
    package = json.loads((WEB / "assets" / "package.json").read_text())
    lock = json.loads((WEB / "assets" / "package-lock.json").read_text())
    assert lock["packages"][""]["devDependencies"] == package["devDependencies"]
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in package["devDependencies"].values())
