"""Reads recordings of real devices over UDP and holds what was read against LibreNMS's reading of them.

    python -m bench.bench_recordings [NAME...] [--root FOLDER] [--misses] [--raw] [--port PORT] [--json]

FOLDER (or NOC_RECORDINGS) has `snmprec/` and `snmprec-expected/`. snmpsim serves the recordings; with --port an agent
that serves them already is asked. Prints a row for each recording and the sums; --misses tells every difference.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.librenms import Score, compare, expected
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot
from noc.wire.snmp import Agent, Community

PARTS = ("interfaces", "names", "states", "counters", "sensors", "values", "processors", "usages", "memory", "storage")
PARTS += ("bgp", "vrfs", "ip_sla", "version", "serial", "model")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve the recordings of a folder by snmpsim; give its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as scratch:
        served = Path(scratch) / "served"
        shutil.copytree(folder, served)
        command = [str(Path(sys.executable).with_name("snmpsim-command-responder")), f"--data-dir={served}"]
        command += [f"--cache-dir={scratch}/cache", f"--agent-udpv4-endpoint=127.0.0.1:{port}", "--logging-method=null"]
        if os.geteuid() == 0:
            command += ["--process-user=root", "--process-group=root"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield port
        finally:
            process.terminate()
            process.wait(10)


async def _poll(name: str, port: int, patience_s: float = 30.0) -> Snapshot:
    profiles, _ = load_profiles([shipped("profiles")])
    agent = Agent("127.0.0.1", Community(name), port, timeout_s=1.0, retries=1)
    until = time.monotonic() + patience_s
    while True:
        reading = await collect(SnmpTarget(agent, 60.0), profiles, SystemClock(), "bench")
        if reading.snmp is not None or time.monotonic() > until:
            return snapshot(reading, profiles[reading.snmp.profile if reading.snmp else "generic"])


def _row(title: str, scores: dict[str, Score]) -> str:
    cells = [f"{scores[part].right}/{scores[part].expected}" if part in scores else "" for part in PARTS]
    return f"{title:44.44}" + "".join(
        f"{cell:>{max(len(part), 9) + 1}}" for cell, part in zip(cells, PARTS, strict=True)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--root", type=Path, default=os.environ.get("NOC_RECORDINGS"))
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--raw", action="store_true", help="count what LibreNMS has wrong against noc too")
    parser.add_argument("--port", type=int)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.root is None:
        print("left out: name the folder of the recordings with --root or NOC_RECORDINGS")
        return 0
    root = Path(asked.root)
    names = asked.names or sorted(path.stem for path in (root / "snmprec").glob("*.snmprec"))
    sums: dict[str, Score] = {}
    classes: dict[str, dict[str, Score]] = {}
    print(f"{'recording (profile)':44}" + "".join(f"{part:>{max(len(part), 9) + 1}}" for part in PARTS))
    with serving(root / "snmprec") if asked.port is None else contextlib.nullcontext(asked.port) as port:
        for name in names:
            taken = asyncio.run(_poll(name, port))
            tables = expected(root, name)
            scores = {} if tables is None else compare(name, taken, tables, opinions=not asked.raw)
            print(_row(f"{name} ({taken.device.profile})", scores), flush=True)
            of_class = classes.setdefault(taken.device.device_class or "other", {})
            for part, score in scores.items():
                sums.setdefault(part, Score()).add(score)
                of_class.setdefault(part, Score()).add(score)
                if asked.misses:
                    print(*("    " + miss for miss in score.misses), sep="\n", end="\n" if score.misses else "")
    for device_class, scores in sorted(classes.items()):
        print(_row(f"class {device_class}", scores))
    print(_row("all", sums))
    print(
        f"{'':44}"
        + "".join(
            f"{100 * sums[part].right / sums[part].expected:>{max(len(part), 9)}.1f}%"
            if part in sums
            else " " * (max(len(part), 9) + 1)
            for part in PARTS
        )
    )
    if asked.json:
        print(json.dumps({part: [score.right, score.expected] for part, score in sums.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
