"""Runs the tests of units in as many processes as there are cores, each with its part of the files.

`python -m tests.side_by_side [arguments of pytest]`. With pytest-xdist every process imports all files, and the one
that leads reads three reports of each test: with tests of a millisecond, that took half of the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

COMMAND: Final = ("-m", "pytest", "-m", "not slow", "--units", "-p", "no:schemathesis", "-p", "no:xdist")
NOTHING_TO_RUN: Final = 5
"""What pytest ends with where it finds no test, which is nothing bad for one part."""


def started(part: int, parts: int, arguments: list[str], output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start pytest with one part of the files. output: None for the terminal."""
    command = [sys.executable, *COMMAND, f"--part={part}/{parts}", "tests/unit", *arguments]
    return subprocess.Popen(command, stdout=output, stderr=output and subprocess.STDOUT)


def main(arguments: list[str]) -> int:
    """Run all parts; show the first as it goes, and of the others the last line, or all where a test failed."""
    parts = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        kept = [Path(folder, str(part)) for part in range(1, parts)]
        others = []
        for number, path in enumerate(kept, start=2):
            with path.open("wb") as output:
                others.append(started(number, parts, arguments, output))
        codes = [started(1, parts, arguments, None).wait()]
        for number, (path, process) in enumerate(zip(kept, others, strict=True), start=2):
            codes.append(process.wait())
            said = path.read_text(encoding="utf-8", errors="replace").splitlines()
            shown = said[-1:] if codes[-1] in (0, NOTHING_TO_RUN) else said
            sys.stdout.write("\n".join((f"part {number} of {parts}:", *shown, "")))
    failed = [code for code in codes if code not in (0, NOTHING_TO_RUN)]
    return max(failed, default=NOTHING_TO_RUN if 0 not in codes else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
