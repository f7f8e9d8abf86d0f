"""What the simulator's agent can do: values a CPU second by GET and by GETBULK, and history a CPU second.

    python bench/bench_simulator.py [--runs 5]

In one process and without sockets, so that only the agent is measured: decode, find, work out, encode. Medians.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from noc.app.check import check
from noc.simulator import models
from noc.simulator.agent import Agent
from noc.simulator.configuration import write_configuration
from noc.simulator.faults import Story
from noc.simulator.history import DAYS, past, probed
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.world import World, build
from noc.wire.ber import Message, Pdu, PduType, VarBind, Version, encode

NOW_MS = 1_780_000_000_000
DAY_MS = 86_400_000
IN_A_GET = 25
REPETITIONS = 25
PASSES = 20


def requests(kind: PduType, model: str) -> list[bytes]:
    """Return requests that read all of a device, as a poller would send them."""
    oids = models.view(model).oids
    if kind is PduType.GET:
        names = [oids[start : start + IN_A_GET] for start in range(0, len(oids), IN_A_GET)]
        pdus = [Pdu(kind, 1, varbinds=tuple(map(VarBind, some))) for some in names]
    else:
        pdus = [Pdu(kind, 1, 0, REPETITIONS, (VarBind(oid),)) for oid in oids[::REPETITIONS]]
    return [encode(Message(Version.V2C, b"public", pdu)) for pdu in pdus]


def values(agent: Agent, number: int, asked: list[bytes]) -> float:
    """Return values a CPU second."""
    before, began = agent.tally.varbinds, time.process_time()
    for turn in range(PASSES):
        for data in asked:
            agent.respond(data, number, NOW_MS + turn)
    return (agent.tally.varbinds - before) / (time.process_time() - began)


def seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def history(world: World) -> tuple[float, int]:
    """Return CPU seconds of a history of 30 days, and its transitions."""
    with tempfile.TemporaryDirectory() as name:
        inventory = check(write_configuration(world, Path(name), 1161), {}).inventory
    if inventory is None:
        raise SystemExit("the world's configuration is wrong")
    story = Story(world, load_scenarios(), 1, NOW_MS)
    began = time.process_time()
    told = past(story, probed(inventory), NOW_MS - DAYS * DAY_MS, NOW_MS, "bench")
    return time.process_time() - began, len(told.transitions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    world = build(60, 3000)
    scene = Scene(Story(world, load_scenarios(), 1, NOW_MS, quiet=True), NOW_MS)
    agent = Agent(scene, b"public")
    print(f"Python {platform.python_version()}; medians of {runs} runs")
    print(f"{'':18}{'objects':>9}{'GET, values/CPU s':>20}{'GETBULK, values/CPU s':>24}")
    for device_class, model in (("router", "router"), ("switch", "switch-large"), ("satellite-modem",) * 2):
        device = next(one for one in world.devices if one.device_class == device_class)
        found = []
        for kind in (PduType.GET, PduType.GET_BULK):
            asked = requests(kind, model)
            found.append(statistics.median(values(agent, device.number, asked) for _ in range(runs)))
        print(f"{device_class:18}{len(models.view(model).oids):>9}{found[0]:>20,.0f}{found[1]:>24,.0f}")
    print(f"{'':18}{'devices':>9}{'made, CPU s':>20}{'30 days, CPU s':>24}{'transitions':>13}")
    for devices in (2_000, 20_303):
        took = statistics.median(seconds(lambda: build(594, devices)) for _ in range(runs))  # noqa: B023 called at once
        told, transitions = history(build(594, devices))
        print(f"{'594 sites':18}{devices:>9}{took:>20.2f}{told:>24.2f}{transitions:>13,}")


if __name__ == "__main__":
    main()
