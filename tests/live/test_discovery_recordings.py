"""Recorded devices, identified: the cut-down profiles must read the same of a device as a whole poll does."""

from __future__ import annotations

import pytest

from noc.app.recordings import poll, read_recording
from noc.clock import SystemClock
from noc.discovery.identify import LogIn, identify, only_identity
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.discovery import Found
from noc.model.event import clean
from noc.simulator.recorded import COMMUNITY, serving
from noc.wire.snmp import Agent, Community
from tests.surroundings import Recordings

pytestmark = pytest.mark.live

PROFILES, _ = load_profiles([shipped("profiles")])
ONLY_IDENTITY = only_identity(PROFILES)
SAID = ("sys_name", "sys_descr", "vendor", "os", "version", "model", "serial", "device_class")


async def test_the_cut_down_profiles_read_the_same_identity(recordings: Recordings) -> None:
    clock, different = SystemClock(), {}
    for name, path in sorted(recordings.paths().items()):
        recording = read_recording(path)
        async with serving(recording) as port:
            who = await identify(LogIn("any", Agent("127.0.0.1", Community(COMMUNITY), port)), ONLY_IDENTITY, clock)
        whole = (await poll(recording, PROFILES, clock)).device
        assert isinstance(who, Found), name
        told = {key: (clean(getattr(whole, key) or "", 255).strip() or None) for key in SAID}
        found = {key: getattr(who, key) for key in SAID}
        if found != told or who.profile != whole.profile:
            different[name] = [(key, found[key], told[key]) for key in SAID if found[key] != told[key]]
    assert different == {}


def test_it_asks_far_less_than_a_poll() -> None:
    cut, whole = ONLY_IDENTITY["cisco-iosxe"], PROFILES["cisco-iosxe"]
    assert len(cut.tables) < len(whole.tables) / 3
    assert (cut.sensors, cut.satellite) == ((), {})
