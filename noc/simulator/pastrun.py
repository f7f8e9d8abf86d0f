"""The numbers of a world's past, told by a process of its own: `python -m noc.simulator.pastrun ARGUMENTS.json`.

The arguments are those of the world (noc.simulator.run). Standard output: frames, each a line of JSON,
`{"bytes": 4821, "polls": 20, "devices": 60, "uses": false}`, and a payload of so many bytes as a spool holds it; polls
and devices are those of all frames so far. The one with uses tells again what the routers of circuits had at last, for
lists that don't ask the store. It is kind to the rest of the machine, and ends when its time is up, when all is told,
or when nobody listens any more.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.errors import NocError, UsageError
from noc.model.samples import Samples
from noc.settings.schema import validate
from noc.settings.yamltext import read
from noc.simulator.configuration import pace
from noc.simulator.pastplan import order_of, waves
from noc.simulator.pastpolls import PastPolls
from noc.simulator.run import WorldArguments
from noc.spool.payload import count, packed

CPU_S: Final = 75.0
"""So much time of a processor it takes, at most."""

NUMBERS_AT_MOST: Final = 8_000_000
"""So many the store keeps in memory without having to make room."""

NICE: Final = 10
FRAME_NUMBERS: Final = 5_000
FRAME_S: Final = 1.0
INTERFACE: Final = "interface"


class Frames:
    """Gathers what is told into frames. carrying: ids of the routers that end circuits."""

    def __init__(self, carrying: Collection[str]) -> None:
        self._carrying = carrying
        self._batch: list[Samples] = []
        self._waiting = 0
        self._since_s = time.monotonic()
        self._devices: set[str] = set()
        self._polls = 0
        self._newest: dict[str, list[Samples]] = {}
        self.numbers = 0

    def take(self, told: Sequence[Samples]) -> bytes | None:
        """Take what comes of a poll; return a frame when it is time for one."""
        self._batch += told
        self._waiting += count(told)
        self._polls += 1
        for one in told[:1]:
            device = one.tags[0][one.tag_keys.index("device")]
            self._devices.add(device)
            if device in self._carrying:
                self._newest[device] = [table for table in told if table.measurement == INTERFACE]
        is_due = self._waiting >= FRAME_NUMBERS or time.monotonic() - self._since_s >= FRAME_S
        return self.rest() if is_due else None

    def rest(self) -> bytes | None:
        """Return a frame of what waits; None where nothing does."""
        batch, self._batch, self._since_s = self._batch, [], time.monotonic()
        self.numbers, self._waiting = self.numbers + self._waiting, 0
        return self._frame(batch) if batch else None

    def uses(self) -> bytes:
        """Return the frame of how full circuits were at last."""
        return self._frame([table for tables in self._newest.values() for table in tables], uses=True)

    def _frame(self, batch: Sequence[Samples], *, uses: bool = False) -> bytes:
        payload = packed(batch)
        head = {"bytes": len(payload), "polls": self._polls, "devices": len(self._devices), "uses": uses}
        return json.dumps(head).encode() + b"\n" + payload


def frames(
    arguments: WorldArguments, profiles: Mapping[str, Profile], cpu_s: float = CPU_S, numbers: int = NUMBERS_AT_MOST
) -> Iterator[bytes]:
    """Yield the frames of the past of a world. cpu_s: of this process, from its start. Raises NocError."""
    world = arguments.world()
    interval_s = pace(len(world.devices)).poll_interval.total_seconds()
    polls = PastPolls(arguments.story(world), profiles, interval_s)
    found = Frames({edges[0].id for edges in world.edges.values() if edges})
    is_near = True
    for wave in waves(order_of(world, arguments.seed), arguments.begins_ms, round(interval_s * 1000)):
        if is_near and wave.stop_ms < arguments.begins_ms:
            is_near = False
            yield found.uses()
        for told in polls.of(wave):
            made = found.take(told)
            if made is not None:
                yield made
            if time.process_time() > cpu_s or found.numbers > numbers:
                return
    rest = found.rest()
    if rest is not None:
        yield rest


def main(arguments: list[str]) -> int:
    """Run, and return the exit code: 0 it is through, or nobody listens; 2 wrong arguments."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m noc.simulator.pastrun ARGUMENTS.json\n")
        return UsageError.exit_code
    os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGHUP):  # these are for the one who started us, who then ends us
        signal.signal(number, signal.SIG_IGN)
    try:
        world = validate(WorldArguments, read(Path(arguments[0])))
        profiles, _ = load_profiles([shipped("profiles")])
        for one in frames(world, profiles):
            sys.stdout.buffer.write(one)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to flush at the end
    except NocError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
