"""The shipped rules over the readings of a fleet: 20,303 devices, a poll every five minutes, a ping every minute.

Prints CPU microseconds a reading and a sample (a number that is not None), and how many rules are evaluated a second
(rows of a measurement times the rules that ask for it), of a quiet world and of one where every tenth row of every
tenth device is beyond all limits; what a checkpoint and a reload cost; and events judged a second. What the store says
is learned already. Only the watches are measured, not what makes the samples.
Usage: python bench/bench_rules.py [devices]
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from alerts.eventwatch import EventWatch
from alerts.rules.compiled import Rules
from alerts.rules.language.scene import Key, Question
from alerts.rules.load import load_rules
from alerts.rules.measurements import MEASUREMENTS
from alerts.watch import Watch
from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DEVICE_CLASSES, resolve
from noc.inventory.layers import Watch as How
from noc.inventory.shipped import shipped
from noc.model.event import Event
from noc.model.samples import Samples

DEVICES = 20_303
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
END_MS = int((BEGIN + timedelta(days=1)).timestamp() * 1000)
CONTEXT = ("agent_host", "hostname", "device", "site", "region", "device_class")
ROWS = {"interface": 48, "noc_sensor": 12, "noc_processor": 2, "noc_memory": 2, "noc_storage": 4, "snmp": 1}
POLL_MINUTES = 5
BAD_EVERY = 10
EVENTS = 20_000
KINDS = ("temperature", "fan_speed", "count", "state", "signal", "optical_power")
SHARE = {"router": 1_641, "switch": 6_967, "satellite-modem": 2_603, "server": 975, "firewall": 736, "ups": 400}


def main(count: int) -> None:
    rules = Rules(load_rules([shipped("rules")])[0].values())
    inventory = fleet(count)
    devices = list(inventory.devices.values())
    print(f"rules, devices            {len(rules.all):>10,}, {count:,}")
    for world, bad in (("quiet", False), ("a bad day", True)):
        watch = Watch(rules, inventory, "bench", Learned())
        poll_us = run(watch, devices, ROWS, bad)
        ping_us = run(watch, devices, {"ping": 1}, bad)
        second = count / (POLL_MINUTES * 60) * poll_us + count / 60 * ping_us
        samples = sum(number * len(MEASUREMENTS[name].fields) for name, number in ROWS.items())
        asked = sum(evaluated(rules, inventory, device) for device in devices) / len(devices)
        print(f"{world}:")
        print(f"  a poll ({sum(ROWS.values())} rows)        {poll_us:>10.2f} µs")
        print(f"  a sample of it          {poll_us / samples:>10.3f} µs ({samples} samples)")
        print(f"  rules on rows, a second {asked / poll_us * 1e6:>10,.0f} ({asked:.0f} a poll)")
        print(f"  a ping                  {ping_us:>10.2f} µs")
        print(f"  CPU a second, all       {second / 1000:>10.2f} ms")
        began = time.process_time()
        rows = watch.memories()
        text = json.dumps(rows)
        print(f"  held: checkpoint        {len(rows):>10,} rows, {len(text) / 1e6:.1f} MB", end="")
        print(f", {(time.process_time() - began) * 1000:.0f} ms CPU")
        began = time.process_time()
        cleared = watch.replace(rules, inventory, END_MS)
        print(f"  reload, the same rules  {(time.process_time() - began) * 1000:>10.0f} ms CPU, {len(cleared)} cleared")
        began = time.process_time()
        cleared = watch.replace(Rules(), inventory, END_MS)
        print(f"  reload, no rules        {(time.process_time() - began) * 1000:>10.0f} ms CPU, {len(cleared)} cleared")
    event_us = run_events(rules, inventory, devices)
    print(f"an event                  {event_us:>10.2f} µs, {1e6 / event_us:,.0f} a second, {len(rules.events)} rules")
    print(f"memory                    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MB")


class Learned:
    """A store that knows of every series."""

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        """Return median and spread."""
        return 10.0, 2.0

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        """Return the growth a second."""
        return 1e-6


def evaluated(rules: Rules, inventory: Inventory, device: Device) -> int:
    """Return how often a poll of a device has a rule look at a row."""
    asked = rules.thresholds_for(device, inventory.sites[device.site])
    return sum(number * len(asked.get(name, ())) for name, number in ROWS.items())


def run_events(rules: Rules, inventory: Inventory, devices: list[Device]) -> float:
    """Return CPU microseconds an event: half link changes, half log-ins that fail, of all devices."""
    watch = EventWatch(rules, inventory, "bench")
    texts = ("Interface Gi0/1, changed state to down", "Failed password for root from 10.1.2.3 port 22 ssh2")
    begin_ms = END_MS
    group = [
        Event(
            "192.0.2.1",
            devices[n * 7919 % len(devices)].entity,
            "syslog",
            ("%LINK-3-UPDOWN", "sshd")[n % 2],
            ("link", "authentication")[n % 2],  # type: ignore[arg-type]
            "warning",
            begin_ms + n * 10,
            begin_ms + n * 10,
            {"from": "10.1.2.3"} if n % 2 else {"interface": "Gi0/1"},
            texts[n % 2],
        )
        for n in range(EVENTS)
    ]
    began = time.process_time()
    watch.take(group)
    return (time.process_time() - began) / EVENTS * 1e6


def fleet(count: int) -> Inventory:
    """Return devices by the shares of a real fleet, at one site."""
    how: How = resolve([])
    classes = [name for name, share in SHARE.items() for _ in range(share)]
    named: Iterator[tuple[str, str]] = (
        (f"d{n}", classes[n * 7919 % DEVICES] if n * 7919 % DEVICES < len(classes) else DEVICE_CLASSES[-1])
        for n in range(count)
    )
    address = ip_address("192.0.2.1")
    devices = {key: Device(key, key, "s", address, word, how, 161, (), (), ()) for key, word in named}  # type: ignore[arg-type]
    site = Site.model_validate({"id": "s", "name": "s", "region": "r", "class": "field"})
    return Inventory({"r": Region(id="r", name="r")}, {"s": site}, devices)


def run(watch: Watch, devices: list[Device], rows: dict[str, int], bad: bool) -> float:
    """Return CPU microseconds a reading, the median of six rounds over all devices, the first left out."""
    costs = []
    for round_ in range(6):
        well = [table(name, number, round_, bad=False) for name, number in rows.items()]
        ill = [table(name, number, round_, bad=bad) for name, number in rows.items()]
        began = time.process_time()
        for n, device in enumerate(devices):
            watch.take(device.entity, well if n % BAD_EVERY else ill, "bench")
        costs.append((time.process_time() - began) / len(devices) * 1e6)
    return statistics.median(costs[1:])


def table(name: str, number: int, round_: int, *, bad: bool) -> Samples:
    """Return a table with all fields, each 0, or 95 in every tenth row of a bad one."""
    measurement = MEASUREMENTS[name]
    width = len(measurement.fields)
    return Samples(
        measurement=name,
        time=BEGIN + timedelta(minutes=POLL_MINUTES * round_),
        tag_keys=(*CONTEXT, *measurement.tags),
        field_keys=tuple(measurement.fields),
        tags=tuple((*("x",) * len(CONTEXT), *(_tag(tag, n) for tag in measurement.tags)) for n in range(number)),
        values=tuple((95.0 if bad and n % BAD_EVERY == 0 else 0.0,) * width for n in range(number)),
    )


def _tag(tag: str, n: int) -> str:
    return KINDS[n % len(KINDS)] if tag == "kind" else f"sessions {n}" if tag == "name" else f"{tag}-{n}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEVICES)
