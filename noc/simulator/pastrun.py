"""The numbers of a world's past, told by a process of its own.

`python -m noc.simulator.pastrun ARGUMENTS.json [SPENT]`: the arguments are those of the world (noc.simulator.run).
SPENT: what was told before, as frames told it, `{"waves": 7, "numbers": 312000, "cpu_s": 9.5}`: it goes on from there.
Standard output: frames, each a line of JSON, `{"bytes": 4821, "polls": 20, "devices": 60, "uses": false, "waves": 1,
"numbers": 5000, "cpu_s": 0.4}`, and a payload of so many bytes as a spool holds it. Polls and devices are those of all
frames of this run; waves (told wholly), numbers and cpu_s those of all runs. The one with uses tells again what the
routers of circuits had at last, for lists that don't ask the store. It is kind to the rest of the machine, and ends
when its time is up, when all is told, or when nobody listens any more.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

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


class Spent(NamedTuple):
    """What was told: so many waves, wholly, so many numbers, in so many seconds of a processor."""

    waves: int = 0
    numbers: int = 0
    cpu_s: float = 0.0


NOTHING: Final = Spent()


class Frames:
    """Gathers what is told into frames. carrying: ids of the routers that end circuits. before: of earlier runs."""

    def __init__(self, carrying: Collection[str], before: Spent = NOTHING) -> None:
        self._carrying = carrying
        self._before = before
        self.waves = before.waves
        self._batch: list[Samples] = []
        self._waiting = 0
        self._since_s = time.monotonic()
        self._devices: set[str] = set()
        self._polls = 0
        self._newest: dict[str, list[Samples]] = {}
        self.numbers = before.numbers

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

    @property
    def cpu_s(self) -> float:
        """Return the seconds of a processor that all runs took."""
        return self._before.cpu_s + time.process_time()

    def uses(self) -> bytes:
        """Return the frame of how full circuits were at last."""
        return self._frame([table for tables in self._newest.values() for table in tables], uses=True)

    def _frame(self, batch: Sequence[Samples], *, uses: bool = False) -> bytes:
        payload = packed(batch)
        head: dict[str, float] = {
            "bytes": len(payload),
            "polls": self._polls,
            "devices": len(self._devices),
            "uses": uses,
        }
        head |= {"waves": self.waves, "numbers": self.numbers, "cpu_s": round(self.cpu_s, 3)}
        return json.dumps(head).encode() + b"\n" + payload


def frames(
    arguments: WorldArguments,
    profiles: Mapping[str, Profile],
    cpu_s: float = CPU_S,
    numbers: int = NUMBERS_AT_MOST,
    before: Spent = NOTHING,
) -> Iterator[bytes]:
    """Yield the frames of the past of a world. cpu_s: of processes, from their start. before: what others told.

    Raises NocError.
    """
    world = arguments.world()
    interval_s = pace(len(world.devices)).poll_interval.total_seconds()
    polls = PastPolls(arguments.story(world), profiles, interval_s)
    found = Frames({edges[0].id for edges in world.edges.values() if edges}, before)
    is_near = not before.waves  # else live polls have told how full circuits are
    all_of = waves(order_of(world, arguments.seed), arguments.begins_ms, round(interval_s * 1000))
    for number, wave in enumerate(islice(all_of, before.waves, None), before.waves):
        found.waves = number
        if is_near and wave.stop_ms < arguments.begins_ms:
            is_near = False
            yield found.uses()
        for told in polls.of(wave):
            made = found.take(told)
            if made is not None:
                yield made
            if found.cpu_s > cpu_s or found.numbers > numbers:
                return
        found.waves = number + 1
    rest = found.rest()
    if rest is not None:
        yield rest


def main(arguments: list[str]) -> int:
    """Run, and return the exit code: 0 it is through, or nobody listens; 2 wrong arguments."""
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m noc.simulator.pastrun ARGUMENTS.json [SPENT]\n")
        return UsageError.exit_code
    os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGHUP):  # these are for the one who started us, who then ends us
        signal.signal(number, signal.SIG_IGN)
    try:
        world = validate(WorldArguments, read(Path(arguments[0])))
        profiles, _ = load_profiles([shipped("profiles")])
        before = Spent(**json.loads(arguments[1])) if arguments[1:] else Spent()
        for one in frames(world, profiles, before=before):
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
