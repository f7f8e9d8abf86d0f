"""The collector of cycles: what has lived for a while is out of its sight, and garbage is found all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]


def test_what_lives_is_out_of_sight_and_old_garbage_is_found_in_the_end() -> None:
    """In a program of its own: the objects of a thousand other tests take seconds to look at, again and again."""
    asked = [sys.executable, "-m", "tests.unit.noc.app.living"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.splitlines() == [
        "no full collection comes while it starts",
        "what lives is out of sight",
        "full collections wait to be told",
        "old garbage is out of sight",
        "old garbage is found",
        "all is as it was",
    ]
