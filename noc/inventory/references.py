"""What the entities of an inventory say of each other: names that exist, circles, addresses, empty places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from noc.inventory.entities import Circuit, DeviceText, Region, Service, Site
from noc.inventory.names import Names
from noc.inventory.records import KINDS, Folder, Record
from noc.inventory.values import Address, Period
from noc.model.finding import Finding

_IN_FORMULAS = ("site", "device", "interface", "circuit", "service")


@dataclass(frozen=True)
class Parts:
    """The entities that are sound in themselves, by id."""

    regions: Mapping[str, Region]
    sites: Mapping[str, Site]
    devices: Mapping[str, DeviceText]
    circuits: Mapping[str, Circuit]
    services: Mapping[str, Service]


class References:
    """Checks the references of one inventory. Names of a kind whose file could not be read are not judged."""

    def __init__(self, folder: Folder, parts: Parts) -> None:
        self._records = folder.records
        self._unread = folder.unread
        self._parts = parts
        self._names: dict[str, Names] = {kind: Names(folder.records[kind]) for kind in KINDS}
        self._upstream_names = Names({*folder.records["device"], *folder.records["site"]})

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        yield from self._regions()
        yield from self._sites()
        yield from self._devices()
        yield from self._circuits()
        yield from self._services()
        yield from self._addresses()

    def upstream(self, written: str) -> list[str]:
        """Return the entities that a name in `upstream:` may mean: one, none, or a device and a site."""
        kind, slash, key = written.partition("/")
        if slash:
            known = kind in ("device", "site") and key in self._names[kind]
            return [written] if known else []
        return [f"{kind}/{written}" for kind in ("device", "site") if written in self._names[kind]]

    def _known(self, record: Record, kind: str, name: str, *path: str | int) -> Iterator[Finding]:
        if name not in self._names[kind] and kind not in self._unread:
            yield record.finding(f"unknown {kind} '{name}'{self._names[kind].hint(name)}", *path)

    def _regions(self) -> Iterator[Finding]:
        used = {str(record.data.get("region")) for record in self._records["site"].values()}  # of those in error too
        for key, region in self._parts.regions.items():
            record = self._records["region"][key]
            if region.technology_centre is not None:
                yield from self._known(record, "site", region.technology_centre, "technology_centre")
            if key not in used and "site" not in self._unread:
                yield record.finding("no site is in this region", level="warning")

    def _sites(self) -> Iterator[Finding]:
        used = {str(record.data.get("site")) for record in self._records["device"].values()}
        for key, site in self._parts.sites.items():
            record = self._records["site"][key]
            yield from self._known(record, "region", site.region, "region")
            for index, name in enumerate(site.edge_devices):
                yield from self._known(record, "device", name, "edge_devices", index)
                device = self._parts.devices.get(name)
                if device is not None and device.site != key:
                    message = f"edge device '{name}' stands at another site, '{device.site}'"
                    yield record.finding(message, "edge_devices", index)
            if "device" in self._unread:
                continue
            if key not in used:
                yield record.finding("no device is at this site; its state stays unknown", level="warning")
            elif not site.edge_devices:
                message = "edge_devices names none of its devices; its state stays unknown"
                yield record.finding(message, level="warning")

    def _devices(self) -> Iterator[Finding]:
        for key, device in self._parts.devices.items():
            record = self._records["device"][key]
            yield from self._known(record, "site", device.site, "site")
            for index, written in enumerate(device.upstream):
                meant = self.upstream(written)
                if len(meant) > 1:
                    message = f"upstream '{written}' is a device and a site; write {meant[0]} or {meant[1]}"
                    yield record.finding(message, "upstream", index)
                elif not meant and not self._unread & {"device", "site"}:
                    hint = self._upstream_names.hint(written.rpartition("/")[2])
                    message = f"upstream '{written}' is neither a device nor a site{hint}"
                    yield record.finding(message, "upstream", index)

    def _circuits(self) -> Iterator[Finding]:
        for key, circuit in self._parts.circuits.items():
            record = self._records["circuit"][key]
            yield from self._known(record, "site", circuit.site, "site")
            for end in ("a", "z", "probe"):
                part = getattr(circuit, end)
                if part is not None:
                    yield from self._known(record, "device", part.device, end, "device")

    def _services(self) -> Iterator[Finding]:
        for key, service in self._parts.services.items():
            record = self._records["service"][key]
            for path, name in service.formula.entities():
                kind, slash, rest = name.partition("/")
                if not slash or kind not in _IN_FORMULAS:
                    message = f"'{name}' is not an entity; write {'/…, '.join(_IN_FORMULAS)}/…"
                    yield record.finding(message, "formula", *path)
                elif kind == "interface":
                    yield from self._known(record, "device", rest.partition("/")[0], "formula", *path)
                else:
                    yield from self._known(record, kind, rest, "formula", *path)

    def _addresses(self) -> Iterator[Finding]:
        seen: dict[tuple[Address, int], list[DeviceText]] = {}
        for device in self._parts.devices.values():
            others = seen.setdefault((device.address, device.snmp_port), [])
            other = next((other for other in others if _overlap(other.in_service, device.in_service)), None)
            if other is not None:
                place = self._records["device"][other.id].places.place(
                    *self._records["device"][other.id].path, "address"
                )
                message = (
                    f"address {device.address} (port {device.snmp_port}) is that of device '{other.id}' too: "
                    f"{place.file}:{place.line}:{place.column}"
                )
                yield self._records["device"][device.id].finding(message, "address")
            others.append(device)


def _overlap(one: tuple[Period, ...], other: tuple[Period, ...]) -> bool:
    return any(
        (a.end is None or b.start is None or b.start < a.end) and (b.end is None or a.start is None or a.start < b.end)
        for a in one or (Period(),)
        for b in other or (Period(),)
    )
