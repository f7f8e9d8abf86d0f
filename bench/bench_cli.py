"""What it costs to read command output: milliseconds for each command, on recordings (NOC_RECORDINGS).

python -m bench.bench_cli [--markdown]     --markdown: the table of docs/performance.md
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import NamedTuple

from noc.wire.clitemplates import Templates, answer

TIMES = 60
LARGE = ("cisco_ios", "show_interfaces", 1024 * 1024)
"""Platform, command, and to how many bytes its recording is repeated."""


def best_ms(templates: Templates, platform: str, command: str, text: str, times: int = TIMES) -> float:
    """Return the shortest of several times of CPU."""
    question = json.dumps([platform, command, None, text]).encode()
    found = []
    for _ in range(times):
        started = time.process_time()
        _, reason = json.loads(answer(templates, question))
        found.append(time.process_time() - started)
        if reason is not None:
            sys.exit(f"{platform} {command}: {reason}")
    return min(found) * 1000


class Row(NamedTuple):
    """A recording: platform, command as it is typed, milliseconds, bytes."""

    platform: str
    command: str
    took_ms: float
    size: int


KINDS = (
    (
        "version",
        ("version", "system resource", "system routerboard", "asset", "system status", "system info", "uptime"),
    ),
    ("interfaces", ("interface", "ip address")),
    ("BGP", ("bgp",)),
    ("OSPF", ("ospf",)),
    ("MPLS", ("mpls",)),
    ("VPN tunnels", ("crypto", "vpn-sessiondb")),
    ("VRFs", ("vrf", "vpn-instance")),
    ("routes", ("route",)),
    ("neighbours", ("lldp", "cdp")),
    ("inventory", ("inventory", "hardware")),
    ("environment", ("environment",)),
    ("processors, use", ("processes", "resource")),
    ("time", ("ntp",)),
    ("redundancy", ("failover", "cluster", "ha status")),
)
"""Sort of command to words of it; the first that fits counts, and MPLS and BGP come before interfaces and VRFs."""

FIRST = ("BGP", "OSPF", "MPLS")


def kind_of(command: str) -> str:
    """Return the sort of a command. Exits where none fits, so that no command is missing from the table."""
    for kind, words in sorted(KINDS, key=lambda one: one[0] not in FIRST):
        if any(word in command for word in words):
            return kind
    sys.exit(f"'{command}' is of no sort; give it one in KINDS")


def by_command(rows: list[Row]) -> list[tuple[str, str, str, int, int, float]]:
    """Return sort, platform, command, recordings, median bytes and median ms, in the order of KINDS."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[kind_of(row.command), row.platform, row.command].append(row)
    order = [kind for kind, _ in KINDS]
    return [
        (*key, len(of), round(median(one.size for one in of)), median(one.took_ms for one in of))
        for key, of in sorted(found.items(), key=lambda item: (order.index(item[0][0]), *item[0][1:]))
    ]


def show(rows: list[Row], *, markdown: bool) -> None:
    """Print a line for each platform and command."""
    if markdown:
        print("| sort | platform | command | recordings | bytes | median ms |\n|---|---|---|---|---|---|")
    told = ""
    for kind, platform, command, count, size, took in by_command(rows):
        if markdown:
            print(f"| {kind if kind != told else ''} | {platform} | `{command}` | {count} | {size:,} | {took:.2f} |")
        else:
            print(f"{kind:16} {platform:18} {command:48} {count:3} {size:8} bytes {took:8.2f} ms")
        told = kind


def main() -> None:
    recordings = Path(os.environ.get("NOC_RECORDINGS", "")) / "cli"
    if not recordings.is_dir():
        print("left out: set NOC_RECORDINGS to the folder of recordings")
        sys.exit(0)
    templates, rows = Templates([]), list[Row]()
    for path in sorted(recordings.rglob("*.raw")):
        platform, command, text = path.parent.parent.name, path.parent.name.replace("_", " "), path.read_text()
        rows.append(Row(platform, command, best_ms(templates, platform, command, text), len(text)))
    rows.sort(key=lambda row: row.took_ms)
    show(rows, markdown="--markdown" in sys.argv)
    print(f"{len(rows)} recordings, {sum(row.size for row in rows)} bytes")
    print(f"median {rows[len(rows) // 2].took_ms:.2f} ms, all together {sum(row.took_ms for row in rows):.0f} ms")
    platform, folder, wanted = LARGE
    text = next((recordings / platform / folder).glob("*.raw")).read_text()
    text *= wanted // len(text)
    took = best_ms(templates, platform, folder.replace("_", " "), text, 3)
    print(f"{took:8.2f} ms {len(text):8} bytes  {platform} {folder}, repeated")


if __name__ == "__main__":
    main()
