"""Recorded output of commands, with the rows that it should give: `cli/PLATFORM/COMMAND/*.raw` and `.yml`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from noc.model.command import Platform
from noc.wire.cliparser import _FAMILIES

# Of the several platforms that share one family of templates, the one to be asked.
_PLATFORMS: dict[str, Platform] = {family: platform for platform, family in reversed(_FAMILIES.items())}


@dataclass(frozen=True)
class CliRecording:
    """One recorded output."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path.parent.parent.name}-{self.path.stem}"

    @property
    def platform(self) -> Platform:
        """Return what noc calls the platform."""
        return _PLATFORMS[self.path.parent.parent.name]

    @property
    def command(self) -> str:
        """Return the command; the folder has `_` for a blank."""
        return self.path.parent.name.replace("_", " ")

    @property
    def text(self) -> str:
        """Return what the device printed."""
        return self.path.read_text()

    @cached_property
    def expected(self) -> list[dict[str, Any]]:
        """Return the rows that it should give."""
        found: list[dict[str, Any]] = yaml.safe_load(self.path.with_suffix(".yml").read_text())["parsed_sample"]
        return found


def cli_recordings() -> list[CliRecording]:
    """Return all recordings; none where NOC_RECORDINGS is not set."""
    folder = os.environ.get("NOC_RECORDINGS")
    return [] if folder is None else [CliRecording(path) for path in sorted(Path(folder, "cli").rglob("*.raw"))]
