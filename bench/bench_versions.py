"""CPU of a poll by SNMP in two versions of noc, side by side, with an interval that says how sure the difference is.

    python bench/bench_versions.py BEFORE AFTER [--devices 40] [--pairs 100]

BEFORE, AFTER: folders with two checkouts. Each runs in a process of its own, warm, and polls the same devices of one
simulator by known rows; they take turns of 80 polls, each pair in the other order than the one before, so that what
else the machine does meets both alike. What counts is user and system time of the process. The interval is of 95 %, by
drawing pairs anew (bootstrap); a pair's own difference is that of the two logarithms.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench_polling import SITES, WORLD, near, simulator

TURN = 80
"""Polls."""

DRAWS = 10_000
WARM_TURNS = 3


class Version:
    """A process with one version."""

    def __init__(self, folder: Path, addresses: Sequence[str], port: int, rounds: int) -> None:
        job = json.dumps([list(addresses), port, rounds])
        command = [sys.executable, str(Path(__file__).resolve().parent / "versions_polls.py"), job]
        pipe, where = subprocess.PIPE, {"PYTHONPATH": str(folder)}
        self._process = subprocess.Popen(command, cwd=folder, env=where, stdin=pipe, stdout=pipe, text=True)

    def turn_ms(self) -> float:
        """Have it poll for a turn; return milliseconds of CPU a poll."""
        if self._process.stdin is None or self._process.stdout is None:
            raise SystemExit("a process has no pipes")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a version ended, see above")
        return float(json.loads(line))

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def percent(logarithm: float) -> float:
    """Return by how many percent one is more than the other."""
    return 100 * (math.exp(logarithm) - 1)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return within which of the means of pairs drawn anew are 95 of a hundred."""
    dice = random.Random(1)  # noqa: S311 draws of a bootstrap
    means = sorted(statistics.fmean(dice.choices(differences, k=len(differences))) for _ in range(DRAWS))
    return means[round(DRAWS * 0.025)], means[round(DRAWS * 0.975)]


def taken(versions: Sequence[Version], pairs: int) -> list[tuple[float, float]]:
    """Return what pairs of turns took, before and after."""
    for _ in range(WARM_TURNS):
        for one in versions:
            one.turn_ms()
    found: list[tuple[float, float]] = []
    for turn in range(pairs):
        took = {at: versions[at].turn_ms() for at in ((0, 1), (1, 0))[turn % 2]}
        found.append((took[0], took[1]))
        if turn % 20 == 19:
            tell(found)
    return found


def tell(found: Sequence[tuple[float, float]]) -> None:
    """Print by how much they differ."""
    before, after = (statistics.median(pair[at] for pair in found) for at in (0, 1))
    differences = [math.log(late / early) for early, late in found]
    low, high = map(percent, interval(differences))
    print(
        f"{len(found)} pairs: {before:.3f} ms a poll before, {after:.3f} ms after (medians);"
        f" difference {percent(statistics.fmean(differences)):+.1f} %, 95 % interval {low:+.1f} to {high:+.1f} %",
        flush=True,
    )


def measure(before: Path, after: Path, devices: int, pairs: int) -> None:
    """Run both, and print what they take."""
    with tempfile.TemporaryDirectory() as folder, simulator(Path(folder), SITES, WORLD) as (world, port):
        addresses = near(world, devices)
        rounds = max(1, TURN // devices)
        versions = [Version(one.resolve(), addresses, port, rounds) for one in (before, after)]
        try:
            tell(taken(versions, pairs))
        finally:
            for one in versions:
                one.end()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--devices", type=int, default=40)
    parser.add_argument("--pairs", type=int, default=100)
    given = parser.parse_args()
    measure(given.before, given.after, given.devices, given.pairs)


if __name__ == "__main__":
    main()
