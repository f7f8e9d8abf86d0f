"""Polls a test agent with the real collector and the shipped profiles, and tells what came of it."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal

from collectors import uptime
from collectors._ports import Doors, Target
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.reading import Known, Raw, Reading
from noc.wire.ber import Oid, Tag
from noc.wire.icmp import Pinger
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community, User
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.agents.snmp import Agent, Objects, serving
from tests.things import device, watch

PROFILES, _ = kept_profiles([shipped("profiles")])


def where(agent: Agent, version: Literal["1", "2c"] = "2c", timeout_s: float = 0.3, retries: int = 2) -> Where:
    """Return how to reach a test agent; on loopback 0.3 s is long."""
    return Where("127.0.0.1", Community("public", version), agent.port, timeout_s=timeout_s, retries=retries)


async def poll(
    agent: Agent,
    *,
    version: Literal["1", "2c"] = "2c",
    deadline_s: float = 20.0,
    timeout_s: float = 0.3,
    retries: int = 2,
    known: Known | None = None,
) -> Reading:
    """Poll an agent, starting it unless it listens already. Fails when the poll leaves a file descriptor open."""
    async with AsyncExitStack() as stack:
        if agent.transport is None:
            await stack.enter_async_context(serving(agent))
        target = SnmpTarget(where(agent, version, timeout_s, retries), deadline_s, known=known)
        before = open_files()
        reading = await collect(target, PROFILES, SystemClock(), "test")
        assert open_files() <= before
        return reading


async def probe(port: int, credentials: Community | User, timeout_s: float = 0.2) -> Reading:
    """Ask an agent on loopback for a sign of life, as the daemon does with `liveness: snmp`; tried twice."""
    watched = watch(timeout=timedelta(seconds=timeout_s), retries=1, liveness=Liveness("snmp"))
    asked = device("d", "127.0.0.1", watched, port)
    check = Check(asked.entity, "uptime", 60.0, 10.0, liveness=True)
    return await uptime.build(doors()).collect(Target(check, asked, credentials))


def doors() -> Doors:
    """Return what collectors of SNMP need."""
    clock = SystemClock()
    shell = Shell(HostKeys(HostKeyFiles(Path("no known_hosts")), "accept-new"), clock)
    return Doors(clock, "test", PROFILES, Pinger(wanted=False), shell)


def open_files() -> set[tuple[str, str]]:
    """Return the file descriptors this process has open, each with what it is of.

    Compare them as sets, asking for nothing new: what an earlier test left may be collected, and closed, meanwhile.
    """
    found = set()
    for fd in os.listdir("/proc/self/fd"):  # noqa: PTH208 - a Path would keep the listing's own open
        with suppress(FileNotFoundError):
            found.add((fd, os.readlink(f"/proc/self/fd/{fd}")))  # noqa: PTH115 - a socket is no path
    return found


def values(reading: Reading) -> dict[Oid, Raw]:
    """Return all that was read, by OID."""
    if reading.snmp is None:
        return {}
    profile = PROFILES[reading.snmp.profile]
    oids = {thing.name: numbers(thing.oid) for thing in profile.scalars}
    found: dict[Oid, Raw] = {(*oids[name], 0): value for name, value in reading.snmp.scalars.items()}
    for table in profile.tables:
        columns = {column.name: numbers(column.oid) for column in (*table.rows_from, *table.columns)}
        for index, row in reading.snmp.tables.get(table.name, {}).items():
            found |= {(*columns[name], *index): value for name, value in row.items()}
    return found


def wanted(objects: Objects, *lacking: Oid, profile: str = "generic") -> dict[Oid, Raw]:
    """Return what an exact poll of these objects brings, less those whose names begin with what is lacking."""
    asked = [(*numbers(thing.oid), 0) for thing in PROFILES[profile].scalars]
    asked += [numbers(column.oid) for table in PROFILES[profile].tables for column in table.columns]
    return {
        oid: ".".join(map(str, value)) if isinstance(value, tuple) else value
        for oid, (tag, value) in objects.items()
        if any(oid[: len(name)] == name for name in asked)
        and not any(oid[: len(name)] == name for name in lacking)
        and tag is not Tag.NULL
    }


def numbers(oid: str) -> Oid:
    """Return a dotted OID as numbers."""
    return tuple(map(int, oid.split(".")))
