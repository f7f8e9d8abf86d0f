"""Things of the inventory, made for tests: everything has a believable default."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

from noc.inventory.entities import Device
from noc.inventory.layers import Watch
from noc.inventory.values import Liveness

WATCH = Watch(
    interval=timedelta(seconds=60),
    poll_interval=timedelta(minutes=5),
    timeout=timedelta(seconds=2),
    retries=2,
    confirm_down=3,
    confirm_up=1,
    stale_after=timedelta(seconds=180),
    skew=timedelta(seconds=60),
    liveness=Liveness("icmp"),
    credentials="standard",
    profile="auto",
)


def watch(**changes: object) -> Watch:
    """Return how a device is watched by default, with changes."""
    return replace(WATCH, **changes)  # type: ignore[arg-type]


def device(name: str = "d", address: str = "192.0.2.1", watched: Watch = WATCH, snmp_port: int = 161) -> Device:
    """Return a router of site `s`."""
    return Device(name, name, "s", ip_address(address), "router", watched, snmp_port, (), (), ())
