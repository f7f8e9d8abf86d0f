"""Where the shipped data is: `config/profiles`, `rules` and `events` in a checkout, `noc/shipped/…` in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["profiles", "rules", "events"]


def shipped(kind: Kind) -> Path:
    """Return the folder of shipped data. Raises FileNotFoundError when the installation is damaged."""
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "shipped" / kind, package.parent / "config" / kind)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no shipped {kind}: looked in {candidates[0]} and {candidates[1]}; reinstall noc-monitor")
