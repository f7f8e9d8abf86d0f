"""The settings file that a command goes by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SYSTEM_CONFIG = Path("/etc/noc/noc.yaml")
LOCAL_CONFIG = Path("config/noc.yaml")


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="CONFIG",
        help=f"The settings file. Default: {LOCAL_CONFIG} if it is there, else {SYSTEM_CONFIG}.",
        show_default=False,
    ),
]
"""The option of all commands that go by settings."""


def default_config() -> Path:
    """Return the settings file that is used when none is named."""
    return LOCAL_CONFIG if LOCAL_CONFIG.is_file() else SYSTEM_CONFIG
