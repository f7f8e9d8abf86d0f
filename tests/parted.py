"""A device whose parts are polled: interfaces, peers, tunnels, probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Watch
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import PartFailure
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Scalar, Snapshot
from noc.model.transition import Transition
from noc.pipeline.parts import unread_kinds, untold_kinds
from noc.pipeline.partwatch import Judged, Look, PartWatch
from noc.pipeline.status import Statuses
from tests.things import device, watch

PROFILES, _ = kept_profiles([shipped("profiles")])
PROFILE = PROFILES["cisco-iosxe"]
MINUTE_MS = 60_000
POLL_MS = 5 * MINUTE_MS
IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "cisco-iosxe")  # type: ignore[arg-type]
NO_COUNTERS = Counters(*(None,) * 12)
Rows = list[Mapping[str, Scalar]]


def bgp(
    peer: str, state: str | None = "established", admin: str = "start", vrf: str | None = None
) -> Mapping[str, Scalar]:
    return {"peer": peer, "remote_as": 65000, "state": state, "admin_status": admin, "uptime_s": 1, "vrf": vrf}


def ospf(neighbor: str, state: str = "full", vrf: str | None = None) -> Mapping[str, Scalar]:
    return {"neighbor": neighbor, "router_id": "10.0.0.9", "state": state, "vrf": vrf}


def vpn(
    name: str, state: str = "up", *, configured: bool | None = True, uptime_s: float | None = None
) -> Mapping[str, Scalar]:
    return {"name": name, "oper_status": state, "admin_status": None, "configured": configured, "uptime_s": uptime_s}


def probe(tag: str, *, ok: bool | None, index: str = "1") -> Mapping[str, Scalar]:
    return {"index": index, "tag": tag, "rtt_ms": 5, "loss_pct": 0, "jitter_ms": 1, "ok": ok}


def port(name: str, oper: str = "up", admin: str = "up", alias: str = "to Brindisi") -> Interface:
    number = sum(name.encode())
    return Interface(number, name, name, alias, 6, 10**9, 1500, None, admin, oper, None, None, True, NO_COUNTERS)


@dataclass
class World:
    """A device, `d`, that is polled every five minutes."""

    watched: Watch = field(default_factory=watch)
    circuits: Mapping[str, Circuit] = field(default_factory=dict)
    device_class: str = "router"
    now_ms: int = 1_000_000_000_000

    def __post_init__(self) -> None:
        self.statuses = Statuses()
        self.devices: dict[str, Device] = {
            name: replace(device(name), watch=self.watched, device_class=self.device_class)  # type: ignore[arg-type]
            for name in ("d", "e")
        }
        self.parts = PartWatch(self.statuses, self.inventory)
        self.statuses.watch(self.parts.policies())

    @property
    def inventory(self) -> Inventory:
        return Inventory(devices=self.devices, circuits=self.circuits)

    def poll(
        self,
        *,
        of: str = "d",
        ports: tuple[Interface, ...] = (),
        errors: tuple[PartFailure, ...] = (),
        after_ms: int = POLL_MS,
        **records: Rows,
    ) -> Judged:
        self.now_ms += after_ms
        taken = Snapshot(IDENTITY, ports, (), {name: tuple(rows) for name, rows in records.items()}, {}, errors)
        unread = unread_kinds(taken, PROFILE)
        return self.parts.take(Look(self.devices[of], taken, unread, self.now_ms, "snmp", "here"))

    def told_by_ssh(self, after_ms: int = POLL_MS, **records: Rows) -> Judged:
        self.now_ms += after_ms
        taken = Snapshot(IDENTITY, records={name: tuple(rows) for name, rows in records.items()})
        quarter = timedelta(minutes=15)
        look = Look(self.devices["d"], taken, untold_kinds(taken), self.now_ms, "ssh", "here", quarter)
        return self.parts.take(look)

    def polls(self, number: int, **given: object) -> list[Transition]:
        return [change for _ in range(number) for change in self.poll(**given).transitions]  # type: ignore[arg-type]

    def status(self, entity: str) -> str:
        return self.statuses.status_of(entity)
