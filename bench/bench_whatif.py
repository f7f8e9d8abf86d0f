"""What a replay of the past under other rules costs. Usage: bench_whatif.py [SITES] [DEVICES] [DAYS] [--changed-alone]

Devices of each site; every five minutes a processor and twelve interfaces of each. Everything is made in a folder that
is thrown away.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.app.check import CheckResult, check
from noc.clock import ManualClock, SystemClock
from noc.inventory.entities import Device
from noc.model.instants import from_ms, to_ms
from noc.model.samples import Samples
from noc.model.transition import Status, Transition
from noc.rehearsal.newrules import new_rules
from noc.rehearsal.whatif import LEAD_MS, what_if
from noc.service import running
from noc.state import ledger
from noc.state.database import Database
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store._retention import Retention
from noc.store.embedded.beside import ViewReader
from noc.store.embedded.view import opened

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DAY_MS, POLL_MS, PORTS = 86_400_000, 300_000, 12
SETTINGS = """\
state_dir: state
credentials: {standard: {snmp: {version: 2c, community: !secret "env:COMMUNITY"}}}
defaults: {credentials: standard, interval: 60s, poll_interval: 5m}
alerts:
  people: {achieng: {email: achieng@example.org, addresses: {}}, desk: {email: desk@example.org}}
  notifiers: {email: {host: mail.example.org, from: noc@example.org}}
  policies: {standard: {steps: [{notify: [achieng]}, {after: 15m, notify: [desk]}]}}
"""
CHANGED = """\
kind: threshold
summary: Processor busy
severity: warning
for: 5m
classes: [router, switch, firewall]
measurement: noc_processor
field: usage_pct
unit: percent
above: {raise: 80, clear: 50}
"""


def network(folder: Path, sites: int, devices: int) -> CheckResult:
    """Return a network: a router at each site, and switches behind it."""
    lines = ["regions: {africa: {name: Africa}}", "sites:"]
    lines += [f"  s{n}: {{region: africa, class: mission, edge_devices: [s{n}-d0]}}" for n in range(sites)]
    lines.append("devices:")
    for n in range(sites):
        for m in range(devices):
            kind = f"class: switch, upstream: [s{n}-d0]" if m else "class: router"
            lines.append(f"  s{n}-d{m}: {{site: s{n}, address: 10.{n // 250}.{n % 250}.{m + 1}, {kind}}}")
    (folder / "noc.yaml").write_text(SETTINGS)
    (folder / "inventory").mkdir()
    (folder / "inventory" / "all.yaml").write_text("\n".join(lines))
    return check(folder / "noc.yaml", {"COMMUNITY": "public"})


def outages(devices: list[Device], days: int) -> list[Transition]:
    """Return changes: three devices of ten are down for ten minutes each day."""
    chance, found, begin_ms = random.Random(1), [], to_ms(BEGIN)  # noqa: S311 a seed

    def change(entity: str, status: Status, before: Status, at_ms: int) -> Transition:
        return Transition(
            entity, status, before, at_ms, at_ms + 120_000, "icmp", "centre", "confirmed", ((at_ms, status == "up"),)
        )

    for one in devices:
        found.append(change(one.entity, "up", "unknown", begin_ms - DAY_MS))
        for day in range(days):
            if chance.random() < 0.3:
                at_ms = begin_ms + day * DAY_MS + chance.randrange(DAY_MS - 3_600_000)
                found += [change(one.entity, "down", "up", at_ms), change(one.entity, "up", "down", at_ms + 600_000)]
    return sorted(found, key=lambda one: one.decided_ms)


def numbers(devices: list[Device], days: int) -> Iterator[list[Samples]]:
    """Yield what is read every five minutes; each device is busy for 25 minutes of 41 hours."""
    begin_ms, chance = to_ms(BEGIN), random.Random(2)  # noqa: S311 a seed
    for at_ms in range(begin_ms - LEAD_MS, begin_ms + days * DAY_MS, POLL_MS):
        batch = []
        for number, one in enumerate(devices):
            tags = {"device": one.id, "site": one.site, "region": "africa", "device_class": one.device_class}
            base, keys, time = tuple(tags.values()), tuple(tags), from_ms(at_ms)
            busy = 95.0 if (at_ms // POLL_MS + 37 * number) % 500 < 5 else 30.0
            row = (*base, "CPU 1", "1")
            batch.append(Samples("noc_processor", time, (*keys, "name", "oid"), ("usage_pct",), (row,), ((busy,),)))
            ports = tuple((*base, str(n), f"ge{n}", f"ge{n}") for n in range(PORTS))
            loads = tuple((chance.random() * 60, chance.random() * 60, 0.0) for _ in ports)
            named = (*keys, "ifIndex", "ifName", "ifDescr")
            batch.append(Samples("interface", time, named, ("in_pct", "out_pct", "ifInErrors"), ports, loads))
        yield batch


async def measured(folder: Path, sites: int, devices: int, days: int, *, alone: bool) -> None:
    """Make a past and play it again."""
    checked = network(folder, sites, devices)
    known = [] if checked.inventory is None else list(checked.inventory.devices.values())
    clock, state = ManualClock(BEGIN + timedelta(days=days)), Database(folder / "noc.db", lasting=False)
    changes = outages(known, days)
    store = embedded.build(embedded.Settings(), Surroundings(folder, folder, clock))
    async with running([state, store]):
        async with state.write() as connection:
            await ledger.append(connection, changes)
        for batch in numbers(known, days):
            await store.write(store.encode(batch))
    (folder / "processor-high.yaml").write_text(CHANGED)
    rules, _ = new_rules(checked, folder / "noc.yaml", folder / "processor-high.yaml", {"COMMUNITY": "public"})
    period = to_ms(BEGIN), to_ms(BEGIN) + days * DAY_MS
    before, began_s, cpu_s = _memory_mb(), SystemClock().monotonic(), sum(os.times()[:2])
    async with running([state]):
        with opened(folder / "series", Retention()) as view:
            found = await what_if(checked, rules, state, ViewReader(view, clock), period, changed_alone=alone)
    wall_s, cpu_s = SystemClock().monotonic() - began_s, sum(os.times()[:2]) - cpu_s
    print(f"{len(known)} devices, {days} d, {len(changes)} changes: {wall_s:.1f} s, {cpu_s:.1f} s of CPU")
    print(f"memory {before} MB before, {_memory_mb()} MB at most; {found.before}; {found.after}")
    compared = found.found
    print(
        f"{len(compared.appear)} appear, {len(compared.vanish)} vanish, {len(compared.move)} move, {compared.same} same"
    )


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:] if one.isdigit()]
    size = (*given, *(20, 5, 1)[len(given) :])
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(measured(Path(made), size[0], size[1], size[2], alone="--changed-alone" in sys.argv))
