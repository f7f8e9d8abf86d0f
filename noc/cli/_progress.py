"""Progress for programs: what pages show of a command that they run."""

from __future__ import annotations

from typing import Annotated

import typer

from noc.cli._console import stderr

Told = Annotated[
    bool,
    typer.Option("--progress", help="Tell on standard error how far it is, as `progress 0.42`, for programs."),
]


class ProgressLines:
    """Tells progress in lines, one a percent."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: float) -> None:
        """Tell a share, 0 to 1."""
        if (percent := int(100 * done)) > self._told:
            self._told = percent
            stderr.print(f"progress {percent / 100:g}")
