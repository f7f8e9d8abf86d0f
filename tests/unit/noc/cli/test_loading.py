"""What a command imports is not looked through for garbage; all that comes later is."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """\
import gc, sys
from noc.cli._loading import loading
passes = []
gc.callbacks.append(lambda phase, _: passes.append(phase))
try:
    with loading():
        kept = [[] for _ in range(100_000)]
        assert not passes
        if sys.argv[1] == "raises":
            raise ImportError
except ImportError:
    assert sys.argv[1] == "raises"
assert gc.isenabled()
assert gc.get_freeze_count() > 100_000
more = [[] for _ in range(100_000)]
assert passes
"""


def test_the_collector_waits_while_a_command_is_imported_and_works_afterwards() -> None:
    for how in ("returns", "raises"):
        subprocess.run([sys.executable, "-c", PROGRAM, how], check=True, timeout=60)
