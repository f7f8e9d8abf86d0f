"""The plan: which checks an inventory asks for, and at which moment of its interval each is due. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.scheduling.budgets import bounded_sites

LIVENESS_KINDS = {"icmp": "icmp", "snmp": "uptime", "tcp": "tcp"}
"""The collector that asks for each kind of liveness that the inventory knows."""

SSH_DEADLINE_S: Final = 120.0
"""Several commands of one log-in, over satellite, on an old processor."""

PORT_ADDRESSES_EVERY: Final = timedelta(minutes=30)
"""How often a switch is asked which addresses its ports have: its table is long."""

BACKUP_DEADLINE_S: Final = 300.0
BACKUP_LOOK_S: Final = 3_600.0
"""How often it is looked whether a copy is due: one that failed is tried again after so long."""


def checks(inventory: Inventory) -> Iterator[Check]:
    """Yield the checks of all devices: one of liveness each, a poll with credentials, the rest where it is set."""
    bounded = bounded_sites(inventory)
    for device in inventory.devices.values():
        yield from checks_of(device, bounded=device.site in bounded)


def checks_of(device: Device, *, bounded: bool = False) -> Iterator[Check]:
    """Yield the checks of one device. bounded: a byte budget holds for its site."""
    watch = device.watch
    interval_s = _seconds(watch.interval)
    patience_s = _seconds(watch.timeout) * (watch.retries + 1)
    kind = LIVENESS_KINDS[watch.liveness.check]
    yield Check(device.entity, kind, interval_s, min(interval_s, patience_s + 1.0), liveness=True)
    if watch.credentials is not None:
        poll_s = _seconds(watch.poll_interval)
        deadline_s = min(poll_s, max(60.0, 10 * patience_s))
        yield Check(device.entity, "snmp", poll_s, deadline_s)
        every = watch.port_addresses
        if every is None and device.device_class == "switch" and not bounded:
            every = PORT_ADDRESSES_EVERY
        if every:
            yield Check(device.entity, "addresses", _seconds(every), min(_seconds(every), max(60.0, 10 * patience_s)))
        if watch.ssh is not None and (watch.ssh.command is not None or watch.ssh.checks):
            ssh_s = poll_s if watch.ssh.every is None else _seconds(watch.ssh.every)
            yield Check(device.entity, "ssh", ssh_s, min(ssh_s, max(SSH_DEADLINE_S, deadline_s)))
        if watch.backup is not None:
            backup_s = min(_seconds(watch.backup.every), BACKUP_LOOK_S)
            yield Check(device.entity, "backup", backup_s, min(backup_s, BACKUP_DEADLINE_S))


def offset_s(key: str, interval_s: float) -> float:
    """Return the moment of its interval at which a check is due: spread evenly, the same after every restart."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 * interval_s


def first_due_s(check: Check, now_s: float) -> float:
    """Return how many seconds after `now_s` (of the Unix epoch) a check is first due."""
    return (offset_s(check.key, check.interval_s) - now_s) % check.interval_s


def _seconds(duration: timedelta) -> float:
    return duration / timedelta(seconds=1)
