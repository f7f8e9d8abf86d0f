"""How long availability takes: a replay of a million events, and the figures of a whole fleet over two years.

    python bench/bench_availability.py [--profile]

CPU seconds of one process; nothing is written.
"""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import random
import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from noc.availability.document import document
from noc.availability.events import parse_events
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.replay import Answer, derived, figures_of, replay
from noc.availability.timeline import Change, State
from noc.availability.times import DAY_MS, SECOND_MS, format_time, parse

EVENTS = 1_000_000
REPLAYED_DEVICES = 500
DEVICES = 20_303
SITES = 594
TRANSITIONS = 1_000_000
START = parse("2026-01-01T00:00:00Z")

Value = TypeVar("Value")


def timed(what: str, work: Callable[[], Value]) -> Value:
    before = time.process_time()
    value = work()
    print(f"{what:66} {time.process_time() - before:7.2f} CPU s")
    return value


def network(devices: int, sites: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return sites with their devices, and the upstream of each device: the first of its site, and that the hub."""
    members: dict[str, list[str]] = {f"site/{number:03}": [] for number in range(sites)}
    for number in range(devices):
        members[f"site/{number % sites:03}"].append(f"device/{number:05}")
    upstream = {device: [names[0]] for names in members.values() for device in names[1:]}
    upstream |= {names[0]: ["device/00000"] for names in members.values() if names[0] != "device/00000"}
    return members, upstream


def events() -> bytes:
    """Return a million results, every tenth a failure in a row of five, all devices in turn."""
    lines = []
    for number in range(EVENTS):
        turn, device = divmod(number, REPLAYED_DEVICES)
        moment = format_time(START + turn * 10 * SECOND_MS + device)
        ok = (turn + device) % 50 >= 5
        lines.append(json.dumps({"time": moment, "entity": f"device/{device:05}", "ok": ok}))
    return "\n".join(lines).encode()


def replay_a_million() -> None:
    text = events()
    sites, upstream = network(REPLAYED_DEVICES, 50)
    policy = Policy(ProbePolicy.probed_every(10 * SECOND_MS), upstream=upstream, sites=sites)
    period = Period(START, START + DAY_MS)
    results = timed(
        f"read {EVENTS:,} events ({len(text) / 1e6:.0f} MB)", lambda: parse_events(io.BytesIO(text), "bench")
    )
    answer = timed("work out states and figures", lambda: replay(results, policy, period))
    found = timed("answer as plain data", lambda: document(answer))
    size = timed("answer as JSON", lambda: len(json.dumps(found)))
    intervals = sum(len(entity.intervals) for entity in answer.entities.values())
    print(f"{'':4}{len(answer.entities)} entities, {intervals:,} intervals, {size / 1e6:.0f} MB")


def fleet() -> None:
    chance = random.Random(20303)  # noqa: S311 the same fleet each time
    sites, upstream = network(DEVICES, SITES)
    each = TRANSITIONS // DEVICES
    end = START + 730 * DAY_MS
    raw = {}
    for names in sites.values():
        for name in names:
            moments = sorted(chance.sample(range(START, end, SECOND_MS), each))
            states = (State.UP, State.DOWN)
            raw[name] = [Change(moment, states[index % 2]) for index, moment in enumerate(moments)]
    regions = {"region/all": list(sites)}
    policy = Policy(ProbePolicy.probed_every(10 * SECOND_MS), upstream=upstream, sites=sites, regions=regions)
    print(f"{DEVICES:,} devices in {SITES} sites, {each * DEVICES:,} transitions in two years")
    timelines = timed("unreachable, sites", lambda: derived(raw, policy))

    def figures(period: Period) -> Answer:
        return figures_of(timelines, policy, period, end, unseen=())

    timed("figures of the two years", lambda: figures(Period(START, end)))
    timed("figures of one month", lambda: figures(Period(end - 30 * DAY_MS, end)))


def main() -> None:
    replay_a_million()
    fleet()
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(main)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    else:
        main()
