"""A line that takes its time: carries IP packets between two TUN devices, late, few at once, and not all of them.

A kernel without netem can make a line thin and lossy, and not long. So a process of its own holds both devices;
`delay_line` starts it, whoever lays the line moves the devices to where its ends are, and `become` makes it another
line while it is in use. Each way is a queue as a modem has it, bounded in time: what comes when it is full is lost.
Then some is lost on the air, by a dice that is the same in each run; then it goes up and down. Needs root and
/dev/net/tun.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.polling_relay import Line
from tests.surroundings import leave_out

TUN = Path("/dev/net/tun")
MTU_OCTETS = 1_500
NEVER_S = 3_600.0
DEVICES = 2

# linux/if_tun.h
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000


@dataclass(frozen=True)
class Late:
    """A packet on its way, and when it is there."""

    due_s: float
    packet: bytes


class Way:
    """One way of a line. Pure, given the time. carried: octets that went, those lost on the air included. full, lost:
    packets that the queue had no room for, and those that were lost on the air.
    """

    def __init__(self, line: Line, number: int) -> None:
        self.line = line
        self.carried = self.full = self.lost = 0
        self._dice = random.Random(DEVICES * line.seed + number)  # noqa: S311 the same losses each time
        self._free_s = 0.0  # when it has carried all that was given to it
        self._under_way: deque[Late] = deque()

    def give(self, packet: bytes, now_s: float) -> None:
        """Take a packet, unless the queue is full."""
        begins_s = max(now_s, self._free_s)
        if self.line.bits_s and begins_s - now_s > self.line.queue_s:
            self.full += 1
            return
        self._free_s = begins_s + (len(packet) * 8 / self.line.bits_s if self.line.bits_s else 0.0)
        self.carried += len(packet)
        if self._dice.random() < self.line.loss:
            self.lost += 1
            return
        last_s = self._under_way[-1].due_s if self._under_way else 0.0
        self._under_way.append(Late(max(last_s, self._free_s + self.line.round_trip_s / 2), packet))

    def arrived(self, now_s: float) -> Iterator[bytes]:
        """Yield what is there by now, in the order in which it was given."""
        while self._under_way and self._under_way[0].due_s <= now_s:
            yield self._under_way.popleft().packet

    def next_s(self) -> float | None:
        """Return when the next packet is there; None: none is under way."""
        return self._under_way[0].due_s if self._under_way else None


class DelayLine:
    """A line that is laid, with a process that carries. names: of its devices, here still, and down."""

    def __init__(self, names: tuple[str, str], process: subprocess.Popen[str]) -> None:
        self.names = names
        self._process = process

    def become(self, line: Line) -> None:
        """Be another line from now on; what is under way comes as it would have."""
        self._tell(json.dumps(asdict(line)))
        self.ready()

    def ready(self) -> None:
        """Wait until it carries as it was told."""
        self._told("ready")

    def counts(self) -> dict[str, list[int]]:
        """Return octets carried, and packets that found the queue full or were lost: from the first device, to it."""
        self._tell("{}")
        found: dict[str, list[int]] = json.loads(self._told("{"))
        return found

    def _tell(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def _told(self, begins: str) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith(begins), f"the delay line says {line!r}, and ended with {self._process.poll()}"
        return line


@contextmanager
def delay_line(names: tuple[str, str], line: Line) -> Iterator[DelayLine]:
    """Make two devices, and carry between them; leave the test out where this machine can't."""
    if not TUN.exists():
        pytest.skip(f"a line with a delay is made of TUN devices, and this machine has no {TUN}")
    if os.geteuid() != 0:
        leave_out("tun", "only root can make TUN devices")
    command = [sys.executable, "-m", "tests.live.delay_line", *names, json.dumps(asdict(line))]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        laid = DelayLine(names, process)
        laid.ready()
        yield laid
    finally:
        process.communicate(timeout=10)  # it ends where nobody tells it anything any more


# --- the process ----------------------------------------------------------------------------------------------------


def opened(name: str) -> int:
    """Make a TUN device; it is there as long as its file is open, in whatever namespace."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def carry(devices: list[int], ways: list[Way]) -> None:
    """Carry until nobody is there any more who could say otherwise. ways: from each device to the other one."""
    told = b""
    while True:
        due = [at_s for at_s in (way.next_s() for way in ways) if at_s is not None]
        wait_s = max(0.0, min(due) - time.monotonic()) if due else NEVER_S
        ready, _, _ = select.select([0, *devices], [], [], wait_s)
        for device, way in zip(devices, ways, strict=True):
            if device in ready:
                for packet in _read(device):
                    way.give(packet, time.monotonic())
        for device, way in zip(reversed(devices), ways, strict=True):
            for packet in way.arrived(time.monotonic()):
                _write(device, packet)
        if 0 in ready:
            said = os.read(0, 65_536)
            if not said:
                return
            *lines, told = (told + said).split(b"\n")
            for line in lines:
                sys.stdout.write(_hear(json.loads(line), ways) + "\n")
                sys.stdout.flush()


def _hear(said: dict[str, Any], ways: list[Way]) -> str:
    if not said:
        return json.dumps({word: [getattr(way, word) for way in ways] for word in ("carried", "full", "lost")})
    for way in ways:
        way.line = Line(**said)
    return "ready"


def _read(device: int) -> Iterator[bytes]:
    try:
        while True:
            yield os.read(device, 2 * MTU_OCTETS)
    except OSError:  # nothing is there, or the device is down or on its way to its namespace
        return


def _write(device: int, packet: bytes) -> None:
    try:
        os.write(device, packet)
    except OSError:
        return  # it is down: so is the line


def main() -> None:
    """Run the process. Arguments: names of both devices, the line; other lines come by standard input, {} asks for
    counts.
    """
    os.nice(-10)  # a line doesn't become longer because the machine is busy
    *names, first = sys.argv[1:]
    line = Line(**json.loads(first))
    devices = [opened(name) for name in names]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    carry(devices, [Way(line, number) for number in range(DEVICES)])


if __name__ == "__main__":
    main()
