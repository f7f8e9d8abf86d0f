"""How long the whole fleet takes to load, as YAML and as CSV, and how much memory.

    python bench/bench_fleet.py [--runs 3]

Each run is a process of its own that does what `noc check` does. CPU seconds, so that a busy machine matters little.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import fleet

from noc.app.check import check

FORMS = ("yaml", "csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load is not None:
        print(json.dumps(_load(arguments.load)))
        return
    made = fleet.fleet()
    print(f"{len(made.sites)} sites, {len(made.devices)} devices; Python {platform.python_version()}")
    print(
        f"{'':6}{'file MB':>9}{'CPU s, median':>15}{'least':>8}{'most':>8}{'us/device':>11}{'peak MB':>9}{'kept MB':>9}"
    )
    medians: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        for form in FORMS:
            folder = Path(name) / form
            fleet.write(made, folder, form)
            runs = [_run(folder) for _ in range(arguments.runs)]
            seconds = [run["cpu_s"] for run in runs]
            medians[form] = statistics.median(seconds)
            size = sum(path.stat().st_size for path in folder.rglob("*.*")) / 1e6
            peak, kept = (statistics.median(run[key] for run in runs) for key in ("peak_mb", "kept_mb"))
            print(
                f"{form:6}{size:9.1f}{medians[form]:15.2f}{min(seconds):8.2f}{max(seconds):8.2f}"
                f"{medians[form] / len(made.devices) * 1e6:11.0f}{peak:9.0f}{kept:9.0f}"
            )
    print(f"YAML takes {medians['yaml'] / medians['csv']:.1f} times as long as CSV")


def _run(folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--load", str(folder)]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer


def _load(folder: Path) -> dict[str, float]:
    """Return CPU seconds of one check, the process's peak memory, and what stays after it above what imports took."""
    before = _resident_mb()
    began = time.process_time()
    result = check(folder / "noc.yaml", {})
    took = time.process_time() - began
    if result.inventory is None or len(result.inventory.devices) != fleet.DEVICES:
        raise SystemExit("\n".join(map(str, result.findings)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": took, "peak_mb": peak, "kept_mb": _resident_mb() - before}


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
