"""A poller made to be killed: all of its way to the centre, fed with numbered answers instead of devices.

Run as a program it prints each number whose frame is on disk; `PollerFeeder` starts it, `Numbers` is the centre.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from noc.app import pollerbuild, pollerkeeping
from noc.app.pollerroot import read_root
from noc.bus import batching, identity, shelf
from noc.bus.identity import Identity
from noc.clock import SystemClock
from noc.model.check import Check
from noc.model.reading import Reading, SnmpAnswer
from noc.service import running
from noc.spool import files, spool
from tests.live.standin import StandIn

DEVICES: Final = 4
STEP_S: Final = 0.05
ROWS: Final = 6


def answer(number: int) -> SnmpAnswer:
    """Return an answer of which each value follows from its number."""
    rows = {(row,): {"ifInOctets": number * 1_000 + row, "ifName": f"eth{row}"} for row in range(ROWS)}
    return SnmpAnswer("p", {"sysUpTime": number}, {"ifTable": rows})


async def feed(folder: Path, first: int) -> None:
    """Feed for ever. Small files, quick commits: whatever can be cut through is, all the time."""
    spool.COMMIT_EVERY_S, spool.TIDY_EVERY_S, files.SEGMENT_BYTES = 0.002, 0.005, 4_000
    batching.URGENT_S, shelf.PARTS, pollerkeeping.LOOK_EVERY_S = 0.01, 100, 0.05
    poller = pollerbuild.Poller(read_root(folder / "poller.yaml", {}), SystemClock())
    async with running(poller.services):
        for number in itertools.count(first, DEVICES):
            for place in range(DEVICES):
                check = Check(f"device/d{place}", "snmp", STEP_S, 1.0)
                said = answer(number + place)
                poller.batching.take(check, Reading("snmp", "192.0.2.1", "", datetime.now(UTC), 0.01, snmp=said))
            await asyncio.sleep(STEP_S)  # a frame is made before that is over
            await poller.spool.durable(poller.batching.seq)
            sys.stdout.write(f"{number + DEVICES - 1}\n")
            sys.stdout.flush()


def laid(folder: Path, said: Identity) -> Path:
    """Write a poller's own files; return its folder."""
    folder.mkdir()
    path = folder / "identity.json"
    path.write_bytes(identity.written(said))
    path.chmod(0o600)
    (folder / "poller.yaml").write_text("state_dir: state\nspool: {budget: 2MB}\n")
    return folder


@dataclass
class Numbers(StandIn):
    """A centre without a plan."""

    async def plan(self, files: dict[str, bytes]) -> None:
        """Send none."""

    @property
    def arrived(self) -> list[int]:
        """Return the numbers that came, each of which has all that belongs to it."""
        found = []
        for _, reading in self.readings:
            assert reading.snmp is not None
            number = reading.snmp.scalars["sysUpTime"]
            assert isinstance(number, int)
            assert reading.snmp == answer(number)
            found.append(number)
        return found


class PollerFeeder:
    """The process. last: the highest number whose frame is on disk, as it said."""

    def __init__(self, folder: Path, first: int, **environment: str) -> None:
        self.first, self.last = first, first - 1
        command = [sys.executable, "-m", "tests.live.poller_feeding", str(folder), str(first)]
        with (folder / "feeder.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **environment}
            )
        self._moved = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, number: int, timeout_s: float = 60.0) -> bool:
        """Wait until a number is on disk, or the process is gone; return whether it is."""
        with self._moved:
            self._moved.wait_for(lambda: self.last >= number or not self._reader.is_alive(), timeout_s)
        return self.last >= number

    def ended(self, timeout_s: float = 30.0) -> int:
        """Wait until it is gone by itself; return its exit code."""
        code = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        """kill -9, and read the rest of what it said. Nothing happens where it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.ended()

    @property
    def on_disk(self) -> set[int]:
        """Return the numbers whose frames were on disk."""
        return set(range(self.first, self.last + 1))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):
                with self._moved:
                    self.last = int(line)
                    self._moved.notify_all()
        with self._moved:
            self._moved.notify_all()


if __name__ == "__main__":
    asyncio.run(feed(Path(sys.argv[1]), int(sys.argv[2])))
