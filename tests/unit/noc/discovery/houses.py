"""An inventory of two sites, for the tests of discovery."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

from noc.discovery.ground import Ground
from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.discovery import Baseline, Found
from tests.things import device, watch


def placed(name: str, address: str, site: str, **changes: object) -> Device:
    return replace(device(name, address), site=site, **changes)  # type: ignore[arg-type]


DEVICES = (
    placed("nbo-rtr-1", "10.1.0.1", "nairobi"),
    placed("nbo-sw-1", "10.1.0.2", "nairobi", device_class="switch"),
    placed("bds-rtr-1", "10.2.0.1", "brindisi"),
)


def site(key: str, *subnets: str) -> Site:
    return Site(id=key, name=key.title(), region="all", **{"class": "rtc"}, subnets=tuple(map(ip_network, subnets)))


def ground(
    *more: Device, subnets: dict[str, tuple[str, ...]] | None = None, baselines: tuple[Baseline, ...] = ()
) -> Ground:
    written = subnets or {}
    sites = {key: site(key, *written.get(key, ())) for key in ("nairobi", "brindisi")}
    devices = {one.id: one for one in (*DEVICES, *more)}
    inventory = Inventory({"all": Region(id="all", name="All")}, sites, devices)
    return Ground(inventory, {one.device: one for one in baselines})


def found(address: str, **said: object) -> Found:
    assert ip_address(address)
    return Found(address, (address,), ("snmp",), **said)  # type: ignore[arg-type]


__all__ = ["DEVICES", "found", "ground", "placed", "site", "watch"]
