"""Small made-up worlds for ByDefinition, and the same as the files that a replay reads. Times in milliseconds."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from random import Random

from noc.availability.document import document
from noc.availability.events import parse_events
from noc.availability.policy import Period
from noc.availability.policyfile import parse_policy
from noc.availability.replay import Answer, replay

LAST = 60
ORIGIN = datetime(2026, 3, 1, tzinfo=UTC)
ORIGIN_MS = int(ORIGIN.timestamp()) * 1000


def iso(time: int) -> str:
    return (ORIGIN + timedelta(milliseconds=time)).isoformat(timespec="milliseconds")


def when(text: str) -> int:
    """Turn a time of the answer back into one of the world."""
    return (datetime.fromisoformat(text) - ORIGIN) // timedelta(milliseconds=1)


def as_files(world: dict) -> tuple[str, str]:
    """Write a world as a policy (JSON is YAML) and events."""

    def written(settings: dict) -> dict:
        found = dict(settings)
        for key in ("interval", "stale_after", "skew"):
            if key in found:
                found[key] = f"{found[key]}ms"
        if "in_service" in found:
            found["in_service"] = [dated(date) for date in found["in_service"]]
        return found

    def dated(item: dict) -> dict:
        return {key: iso(value) if key in ("from", "to", "entered") else value for key, value in item.items()}

    policy = {
        "probe": written(world["probe"]),
        "upstream": world["upstream"],
        "sites": world["sites"],
        "regions": world["regions"],
        "maintenance": [dated(window) for window in world["maintenance"]],
        "entities": {name: written(settings) for name, settings in world["entities"].items()},
        "end": None if world["end"] is None else iso(world["end"]),
    }
    events = [json.dumps({"time": iso(time), "entity": name, "ok": ok}) for time, name, ok in world["events"]]
    return json.dumps(policy), "\n".join(events)


def answer_of(world: dict, start: int, stop: int) -> Answer:
    policy, events = as_files(world)
    results = parse_events(io.BytesIO(events.encode()), "E.jsonl")
    return replay(results, parse_policy(policy, "P.yaml").policy, Period(ORIGIN_MS + start, ORIGIN_MS + stop))


def document_of(world: dict, start: int, stop: int) -> dict:
    """Replay a world and return the answer with times of the world."""
    found = document(answer_of(world, start, stop))
    for fields in found["entities"].values():
        if "intervals" in fields:
            fields["intervals"] = [(when(i["from"]), when(i["to"]), i["state"]) for i in fields["intervals"]]
    return {"entities": found["entities"], "network": found["network"]}


def some(random: Random, names: list, most: int = 3) -> list:
    return random.choices(names, k=random.randint(0, most)) if names else []


def settings(random: Random, *, complete: bool) -> dict:
    ranges = {"interval": (1, 5), "confirm_down": (1, 3), "confirm_up": (1, 2), "stale_after": (1, 12), "skew": (0, 8)}
    return {
        key: random.randint(*bounds)
        for key, bounds in ranges.items()
        if random.random() < 0.4 or (complete and key == "interval")
    }


def series(random: Random, entity: str, fault: tuple[int, int]) -> list[tuple[int, str, bool]]:
    """Return results in a rhythm with a hole now and then; they fail during the fault that all share, and at will."""
    events, time = [], random.randint(0, 6)
    shift, rhythm = random.randint(-4, 4), random.randint(1, 3)
    noise, holes = random.choice((0, 0.05, 0.3)), random.choice((0, 0.05, 0.2))
    last = random.choice((LAST, LAST, random.randint(0, LAST)))
    while time <= last:
        in_fault = fault[0] + shift <= time < fault[1] + shift
        events.append((time, entity, in_fault is (random.random() < noise)))
        time += random.randint(2, 14) if random.random() < holes else rhythm
    return events


def dates(random: Random, edges: list[int], *, may_be_open: bool = False) -> dict:
    start, end = sorted(random.sample(edges, 2))
    found = {"from": start, "to": end}
    if may_be_open and random.random() < 0.5:
        del found[random.choice(("from", "to"))]
    return found


def network(random: Random) -> tuple[list[str], dict]:
    """Return who is probed, and who needs whom, without circles: each looks only at those before it."""
    upstream: dict[str, list[str]] = {}
    sites: dict[str, list[str]] = {}
    order: list[str] = []
    probed: list[str] = []
    for index in range(random.randint(1, 7)):
        kind = random.choice(("device", "device", "device", "site", "site", "interface", "circuit"))
        name = f"interface/{index - 1}/eth0" if kind == "interface" else f"{kind}/{index}"
        if kind == "site":
            sites[name] = some(random, [device for device in probed if device.startswith("device/")], 4)
        else:
            probed.append(name)
        if order and random.random() < 0.7:
            upstream[name] = some(random, order, 2)
        if kind in ("device", "site"):
            order.append(name)
    regions = {f"region/{index}": some(random, list(sites), 4) for index in range(random.randint(0, 2))}
    return probed, {"upstream": upstream, "sites": sites, "regions": regions}


def world(random: Random) -> dict:
    """Return a made-up world."""
    probed, links = network(random)
    everybody = [*probed, *links["sites"]]
    # Few moments for all edges, so that they often fall together.
    edges = random.sample(range(-3, LAST + 10), random.randint(3, 5))
    fault = (random.randint(0, LAST // 2), random.randint(LAST // 3, LAST))
    events = [event for name in probed for event in series(random, name, fault)]
    events += some(random, events)
    random.shuffle(events)
    windows = []
    for name in some(random, [*everybody, *links["regions"]]):
        windows.append({"entity": name, **dates(random, edges)})
        if random.random() < 0.3:
            windows[-1]["entered"] = random.choice((random.choice(edges), random.randint(-4, LAST + 12)))
    entities = {}
    for name in some(random, everybody, 4):
        entities[name] = settings(random, complete=False)
        if random.random() < 0.5:
            count = random.randint(0, 2)
            entities[name]["in_service"] = [dates(random, edges, may_be_open=True) for _ in range(count)]
        if random.random() < 0.5:
            entities[name]["weight"] = random.choice((0, 2, 3, 0.5, 0.1))
    return {
        **links,
        "probe": settings(random, complete=True),
        "entities": entities,
        "events": events,
        "maintenance": windows,
        "end": random.choice((None, random.choice(edges), random.randint(0, LAST + 10), LAST)),
    }


def period(random: Random) -> tuple[int, int]:
    """Return a period that holds most of what happens, or any."""
    if random.random() < 0.5:
        return random.randint(-3, LAST // 3), random.randint(LAST // 2, LAST + 15)
    start = random.randint(-3, LAST + 5)
    return start, random.randint(start + 1, LAST + 15)
