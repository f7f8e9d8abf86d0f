"""Builds the pages' scripts and styles before a wheel, an sdist or an editable install, where they aren't there yet.

Puts the handbook, which is docs as Markdown, into a wheel.

An sdist carries them built, so that who installs from it needs no Node.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEED = "the pages of noc are built by npm (Node 20 or newer: nodejs.org, or apt-get install npm)"


class AssetsHook(BuildHookInterface[Any]):
    """The hook that hatchling calls."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what isn't there. Raises SystemExit with one sentence where that can't be done."""
        root = Path(self.root)
        build(root / "noc" / "web")
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"].update(handbook(root / "docs"))


def handbook(docs: Path) -> dict[str, str]:
    """Return where the files of the handbook stand in a wheel, by where they are."""
    return {str(path): f"noc/shipped/docs/{path.relative_to(docs).as_posix()}" for path in sorted(docs.rglob("*.md"))}


def build(web: Path) -> None:
    """Build `static` in noc/web from `assets`, unless it is there. Raises SystemExit with one sentence."""
    manifest = web / "static" / "manifest.json"
    if manifest.exists():
        return
    npm = which("npm")
    if npm is None:
        raise SystemExit(f"noc: npm was not found; {NEED}")
    for command in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        done = subprocess.run(  # noqa: S603 - npm itself, with words of our own
            [npm, *command], cwd=web / "assets", check=False, capture_output=True, text=True
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise SystemExit(f"noc: `npm {' '.join(command)}` failed in {web / 'assets'}; {NEED}. It said:\n{said}")
    if not manifest.exists():
        raise SystemExit(f"noc: npm built no {manifest}; {NEED}")
