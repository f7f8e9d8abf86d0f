"""What it costs to read command output: milliseconds for each command, on recordings (NOC_RECORDINGS)."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from noc.wire.clitemplates import Templates, answer

TIMES = 20
LARGE = ("cisco_ios", "show_interfaces", 1024 * 1024)
"""Platform, command, and to how many bytes its recording is repeated."""


def best_ms(templates: Templates, platform: str, command: str, text: str, times: int = TIMES) -> float:
    """Return the shortest of several times."""
    question = json.dumps([platform, command, None, text]).encode()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        _, reason = json.loads(answer(templates, question))
        found.append(time.perf_counter() - started)
        if reason is not None:
            sys.exit(f"{platform} {command}: {reason}")
    return min(found) * 1000


def main() -> None:
    recordings = Path(os.environ.get("NOC_RECORDINGS", "")) / "cli"
    if not recordings.is_dir():
        print("left out: set NOC_RECORDINGS to the folder of recordings")
        sys.exit(0)
    templates, rows = Templates([]), []
    for path in sorted(recordings.rglob("*.raw")):
        platform, command, text = path.parent.parent.name, path.parent.name.replace("_", " "), path.read_text()
        rows.append((best_ms(templates, platform, command, text), len(text), f"{platform} {command}"))
    rows.sort()
    print(f"{len(rows)} recordings, {sum(size for _, size, _ in rows)} bytes")
    print(f"median {rows[len(rows) // 2][0]:.2f} ms, all together {sum(took for took, _, _ in rows):.0f} ms")
    for took, size, name in rows[-5:]:
        print(f"{took:8.2f} ms {size:8} bytes  {name}")
    platform, folder, wanted = LARGE
    text = next((recordings / platform / folder).glob("*.raw")).read_text()
    text *= wanted // len(text)
    took = best_ms(templates, platform, folder.replace("_", " "), text, 3)
    print(f"{took:8.2f} ms {len(text):8} bytes  {platform} {folder}, repeated")


if __name__ == "__main__":
    main()
