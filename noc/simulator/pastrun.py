"""The numbers of a world's past, told by a process of its own: `python -m noc.simulator.pastrun ARGUMENTS.json`.

The arguments are those of the world (noc.simulator.run). Standard output: frames, each a line of JSON,
`{"bytes": 4821, "polls": 20, "devices": 60}`, and a payload of so many bytes as a spool holds it; polls and devices are
those of all frames so far. It is kind to the rest of the machine, and ends when its time is up, when all is told, or
when nobody listens any more.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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


@dataclass(slots=True)
class Tally:
    """What was told so far. numbers: of frames; devices: that have some."""

    polls: int = 0
    numbers: int = 0
    devices: int = 0


def frames(arguments: WorldArguments, cpu_s: float = CPU_S, numbers: int = NUMBERS_AT_MOST) -> Iterator[bytes]:
    """Yield the frames of the past of a world. cpu_s: of this process, from its start. Raises NocError."""
    world = arguments.world()
    profiles, _ = load_profiles([shipped("profiles")])
    interval_s = pace(len(world.devices)).poll_interval.total_seconds()
    polls = PastPolls(arguments.story(world), profiles, interval_s)
    seen: set[str] = set()
    tally, batch = Tally(), list[Samples]()
    waiting, since_s = 0, time.monotonic()
    for wave in waves(order_of(world, arguments.seed), arguments.begins_ms, round(interval_s * 1000)):
        for told in polls.of(wave):
            batch += told
            waiting += count(told)
            tally.polls += 1
            seen.update(one.tags[0][one.tag_keys.index("device")] for one in told[:1])
            if waiting >= FRAME_NUMBERS or time.monotonic() - since_s >= FRAME_S:
                tally.numbers, tally.devices = tally.numbers + waiting, len(seen)
                yield frame(batch, tally)
                batch, waiting, since_s = [], 0, time.monotonic()
                if time.process_time() > cpu_s or tally.numbers > numbers:
                    return
    if batch:
        tally.devices = len(seen)
        yield frame(batch, tally)


def frame(batch: list[Samples], tally: Tally) -> bytes:
    """Return one frame."""
    payload = packed(batch)
    head = {"bytes": len(payload), "polls": tally.polls, "devices": tally.devices}
    return json.dumps(head).encode() + b"\n" + payload


def main(arguments: list[str]) -> int:
    """Run, and return the exit code: 0 it is through, or nobody listens; 2 wrong arguments."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m noc.simulator.pastrun ARGUMENTS.json\n")
        return UsageError.exit_code
    os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGHUP):  # these are for the one who started us, who then ends us
        signal.signal(number, signal.SIG_IGN)
    try:
        for one in frames(validate(WorldArguments, read(Path(arguments[0])))):
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
