"""Recordings by name: what stands in the file, what noc reads of it over UDP, and what LibreNMS read of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Reading
from noc.model.snapshot import Sensor, Snapshot
from noc.pipeline.snapshot import snapshot
from noc.wire.snmp import Agent, Community
from tests.live.walkfile import WalkFile, read
from tests.surroundings import LEFT_OUT, find_recordings

PROFILES, _ = load_profiles([shipped("profiles")])
RECORDINGS = find_recordings()
NAMES = RECORDINGS.names()


@dataclass(frozen=True)
class Polled:
    """What noc read of a recording."""

    reading: Reading
    taken: Snapshot


@cache
def recorded(name: str) -> WalkFile:
    """Return what stands in the file."""
    return read(RECORDINGS.paths()[name])


@cache
def poll(name: str, port: int, profile: str | None = None) -> Polled:
    """Poll a recording by the real collector, once a session: by the profile that fits, or by a named one."""
    agent = Agent("127.0.0.1", Community(name), port, timeout_s=2.5, retries=1)
    reading = asyncio.run(collect(SnmpTarget(agent, 60.0, profile), PROFILES, SystemClock(), "test"))
    return Polled(reading, snapshot(reading, PROFILES[reading.snmp.profile if reading.snmp else "generic"]))


def by_oid(taken: Snapshot) -> dict[str, Sensor]:
    """Return the sensors of a device by their OIDs."""
    return {sensor.oid: sensor for sensor in taken.sensors}


def rows_by(taken: Snapshot, listed: str, key: str = "oid") -> dict[str, Any]:
    """Return the rows of a list by one of their fields."""
    return {str(row[key]): row for row in taken.records[listed]}


def need(name: str) -> str:
    """Return the name of a recording; skip the test where it is not at hand."""
    if name not in NAMES:
        if RECORDINGS.own:
            LEFT_OUT["families on recordings of other projects"] = "NOC_RECORDINGS is not set"
        pytest.skip(f"no recording '{name}'")
    return name


@cache
def librenms(name: str) -> dict[str, Any]:
    """Return what LibreNMS read of a recording: module, then table, then rows."""
    assert RECORDINGS.root is not None
    text = (RECORDINGS.root / "snmprec-expected" / f"{name}.json").read_text()
    found: dict[str, Any] = {}
    for module, phases in json.loads(text).items():
        both = (phases.get("discovery"), phases.get("poller"))  # the second may be "matches discovery"
        found[module] = {table: rows for phase in both if isinstance(phase, dict) for table, rows in phase.items()}
    return found
