"""Whether this machine has a font for a language: without one a PDF shows boxes in the place of letters."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import Final

PACKAGES: Final = {"ar": "fonts-noto-core", "zh": "fonts-noto-cjk"}
"""Debian's packages; other languages do with what any machine has."""


def missing(tag: str) -> str | None:
    """Return what to install for a language; None where nothing is missing, or nobody can tell."""
    package, asking = PACKAGES.get(tag), which("fc-list")
    if package is None or asking is None:
        return None
    done = subprocess.run(  # noqa: S603 - fontconfig's, with a tag of our own
        [asking, f":lang={tag}", "family"], capture_output=True, check=False, timeout=30
    )
    if done.returncode or done.stdout.strip():
        return None
    return f"this machine has no font for '{tag}', so that letters will be boxes: apt-get install {package}"
