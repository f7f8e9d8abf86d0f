"""What is known already: the inventory by address, name and serial number. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from noc.discovery.same import serial_of
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.discovery import Baseline, Found, Proposal

_IN_BRACKETS = re.compile(r"\([^)]*\)?\Z")


def host_of(name: str) -> str:
    """Return the name of a host without its domain, in small letters; CDP's serial number in brackets is no part."""
    bare = _IN_BRACKETS.sub("", name.strip()).strip().casefold()
    return bare if re.fullmatch(r"[0-9.]+", bare) or ":" in bare else bare.partition(".")[0]


class Ground:
    """The devices of an inventory, and what they were known by. baselines: by device."""

    def __init__(self, inventory: Inventory, baselines: Mapping[str, Baseline]) -> None:
        self.inventory = inventory
        self.baselines = baselines
        self._by_name: dict[str, Device] = {}
        for device in inventory.devices.values():
            for name in (device.id, device.name):
                self._by_name.setdefault(host_of(name), device)
        self._by_serial: dict[str, list[Device]] = {}
        for key, baseline in baselines.items():
            known = inventory.devices.get(key)
            if known is None:
                continue
            if baseline.sys_name:
                self._by_name.setdefault(host_of(baseline.sys_name), known)
            serial = serial_of(Found("", serial=baseline.serial))
            if serial is not None:
                self._by_serial.setdefault(serial, []).append(known)

    def at(self, address: str) -> Device | None:
        """Return the device that has this address in the inventory."""
        return self.inventory.device_at(address)

    def named(self, name: str | None) -> Device | None:
        """Return the device of this name: its id, what people call it, or what it calls itself."""
        return self._by_name.get(host_of(name)) if name else None

    def with_serial(self, found: Found) -> Device | None:
        """Return the one device that showed this serial number when people last took its word for it."""
        serial = serial_of(found)
        known = self._by_serial.get(serial, []) if serial is not None else []
        return known[0] if len(known) == 1 else None

    def device_of(self, found: Found, answered: Collection[str] = ()) -> Device | None:
        """Return the device of the inventory that was found; None where it is none of them.

        answered: addresses at which something answers. That a device claims an address for its own counts only where
        nobody else answers there, and where it has not another name than the one that is known.
        """
        for address in found.addresses:
            device = self.inventory.device_at(address)
            if device is not None:
                return device
        for address in found.own:
            device = self.inventory.device_at(address)
            if device is not None and address not in answered and not self._is_another(device, found):
                return device
        return self.with_serial(found)

    def _is_another(self, device: Device, found: Found) -> bool:
        named, baseline = self.named(found.sys_name), self.baselines.get(device.id)
        if named is not None:
            return named.id != device.id
        return baseline is not None and baseline.sys_name not in (None, found.sys_name)

    def open_to_decide(self, proposals: Iterable[Proposal]) -> list[Proposal]:
        """Return the proposals that nobody has decided about, and that the inventory lacks still."""
        return [one for one in proposals if one.state == "new" and self.device_of(one.found) is None]
