"""CPU time that a command takes before it asks its first question: most of it is profiles.

    python -m bench.bench_start [--runs N]

`noc poll` of a port where nobody listens, with a cache of compiled profiles that can't be written (each start compiles
all of them), with an empty one, and with one that is there; by turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from noc.cli import main; main()"]
NOWHERE = "/dev/null"
"""No folder can be made below it."""


def closed_port() -> int:
    """Return a UDP port where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def start(cache: str) -> float:
    """Return the seconds of CPU that one start takes."""
    command = [*PROGRAM, "poll", "127.0.0.1", "--port", str(closed_port()), "--timeout", "0.05", "--retries", "0"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, env={**os.environ, "CACHE_DIRECTORY": cache}, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 3:
        raise SystemExit(f"noc poll ended with {ended.returncode}: {ended.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Start it again and again, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    taken: dict[str, list[float]] = {"no cache": [], "an empty cache": [], "a cache": []}
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        start(str(kept))
        for run in range(runs):
            taken["no cache"].append(start(NOWHERE))
            taken["an empty cache"].append(start(str(Path(folder) / str(run))))
            taken["a cache"].append(start(str(kept)))
        file = max(kept.rglob("profiles-*.json"), key=lambda path: path.stat().st_mtime)
        print(f"the cache takes {file.stat().st_size / 1e6:.1f} MB")
    for what, seconds in taken.items():
        print(f"{what:15} {statistics.median(seconds):.2f} s of CPU ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
