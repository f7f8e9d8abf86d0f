"""What the entities of an inventory say of each other: names that exist, circles, addresses, empty places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from noc.inventory.endpoints import EndpointText
from noc.inventory.entities import Circuit, DeviceText, Region, Service, Site
from noc.inventory.formula import Formula
from noc.inventory.names import Names
from noc.inventory.records import KINDS, Folder, Record
from noc.inventory.values import Address, Period, Periods, parse_address
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.schema import validate_data
from noc.settings.written import mapping, text, texts
from noc.settings.yamltext import Data

_IN_FORMULAS = ("site", "device", "interface", "circuit", "endpoint", "service")


@dataclass(frozen=True)
class Parts:
    """The entities that are sound in themselves, by id."""

    regions: Mapping[str, Region]
    sites: Mapping[str, Site]
    devices: Mapping[str, DeviceText]
    circuits: Mapping[str, Circuit]
    services: Mapping[str, Service]
    endpoints: Mapping[str, EndpointText]


class References:
    """Checks the references of one inventory, of entities in error too.

    Names of a kind whose file could not be read are not judged.
    """

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
        yield from self._endpoints()
        yield from self._services()
        yield from self._places()
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

    def formulas(self) -> Iterator[tuple[str, tuple[str | int, ...], Formula]]:
        """Yield id, path and formula: all right formulas of services, also of those that are wrong elsewhere."""
        for key, record in self._records["service"].items():
            if key in self._parts.services:
                yield from ((key, path, formula) for path, formula in self._parts.services[key].formulas())
                continue
            written = [("formula",), *(("places", site, "formula") for site in mapping(record.data, "places"))]
            for path in written:
                inner: Data = record.data
                for step in path:
                    inner = inner.get(step) if isinstance(inner, dict) else None
                if inner is not None:
                    with suppress(InputError):
                        yield key, path, validate_data(Formula, inner, record.places, (*record.path, *path))

    def _regions(self) -> Iterator[Finding]:
        used = {text(record.data, "region") for record in self._records["site"].values()}
        unsure = self._probably_meant("region", used)
        for key, record in self._records["region"].items():
            centre = text(record.data, "technology_centre")
            if centre is not None:
                yield from self._known(record, "site", centre, "technology_centre")
            if key not in used and "site" not in self._unread and not unsure(key):
                yield record.finding("no site is in this region", level="warning")

    def _sites(self) -> Iterator[Finding]:
        used = {text(record.data, "site") for record in self._records["device"].values()}
        unsure = self._probably_meant("site", used)
        for key, record in self._records["site"].items():
            region = text(record.data, "region")
            if region is not None:
                yield from self._known(record, "region", region, "region")
            for index, name in texts(record.data, "edge_devices"):
                yield from self._known(record, "device", name, "edge_devices", index)
                device = self._records["device"].get(name)
                stands_at = None if device is None else text(device.data, "site")
                if stands_at is not None and stands_at != key and stands_at in self._names["site"]:
                    message = f"edge device '{name}' stands at another site, '{stands_at}'"
                    yield record.finding(message, "edge_devices", index)
            if "device" in self._unread or (key not in used and unsure(key)):
                continue
            if key not in used:
                yield record.finding("no device is at this site; its state stays unknown", level="warning")
            elif record.data.get("edge_devices", []) == []:
                message = "edge_devices names none of its devices; its state stays unknown"
                yield record.finding(message, level="warning")

    def _probably_meant(self, kind: str, used: set[str | None]) -> Callable[[str], bool]:
        """Return whether an entity that nothing names is probably meant by a wrong name, or where none is given."""
        hints = [self._names[kind].hint(name) for name in used if name is not None and name not in self._names[kind]]
        return lambda key: None in used or any(f"'{key}'" in hint for hint in hints)

    def _devices(self) -> Iterator[Finding]:
        for record in self._records["device"].values():
            site = text(record.data, "site")
            if site is not None:
                yield from self._known(record, "site", site, "site")
            for index, written in texts(record.data, "upstream"):
                meant = self.upstream(written)
                if len(meant) > 1:
                    message = f"upstream '{written}' is a device and a site; write {meant[0]} or {meant[1]}"
                    yield record.finding(message, "upstream", index)
                elif not meant and not self._unread & {"device", "site"}:
                    hint = self._upstream_names.hint(written.rpartition("/")[2])
                    message = f"upstream '{written}' is neither a device nor a site{hint}"
                    yield record.finding(message, "upstream", index)

    def _circuits(self) -> Iterator[Finding]:
        for record in self._records["circuit"].values():
            site = text(record.data, "site")
            if site is not None:
                yield from self._known(record, "site", site, "site")
            for end in ("a", "z", "probe"):
                device = text(mapping(record.data, end), "device")
                if device is not None:
                    yield from self._known(record, "device", device, end, "device")

    def _endpoints(self) -> Iterator[Finding]:
        for record in self._records["endpoint"].values():
            site = text(record.data, "site")
            if site is not None:
                yield from self._known(record, "site", site, "site")

    def _places(self) -> Iterator[Finding]:
        for record in self._records["service"].values():
            for site, place in mapping(record.data, "places").items():
                yield from self._known(record, "site", site, "places", site)
                endpoint = text(mapping(mapping({"": place}, ""), "marker"), "endpoint")
                if endpoint is not None:
                    yield from self._known(record, "endpoint", endpoint, "places", site, "marker", "endpoint")

    def _services(self) -> Iterator[Finding]:
        for key, where, formula in self.formulas():
            record = self._records["service"][key]
            for path, name in formula.entities():
                kind, slash, rest = name.partition("/")
                if not slash or kind not in _IN_FORMULAS:
                    message = f"'{name}' is not an entity; write {'/…, '.join(_IN_FORMULAS)}/…"
                    yield record.finding(message, *where, *path)
                elif kind == "interface":
                    yield from self._known(record, "device", rest.partition("/")[0], *where, *path)
                else:
                    yield from self._known(record, kind, rest, *where, *path)

    def _addresses(self) -> Iterator[Finding]:
        seen: dict[tuple[Address, int], list[tuple[Record, Periods]]] = {}
        for record in self._records["device"].values():
            reached = _reached(record, self._parts.devices.get(record.id))
            if reached is None:
                continue
            address, port, periods = reached
            others = seen.setdefault((address, port), [])
            other = next((other for other, its_periods in others if _overlap(its_periods, periods)), None)
            if other is not None:
                place = other.places.place(*other.path, "address")
                message = (
                    f"address {address} (port {port}) is that of device '{other.id}' too: "
                    f"{place.file}:{place.line}:{place.column}"
                )
                yield record.finding(message, "address")
            others.append((record, periods))


def _reached(record: Record, device: DeviceText | None) -> tuple[Address, int, Periods] | None:
    """Return the address and port of a device and when they are its own, also where something else of it is wrong."""
    if device is not None:
        return device.address, device.snmp_port, device.in_service
    port = record.data.get("snmp_port", DeviceText.model_fields["snmp_port"].default)
    if not isinstance(port, int) or "in_service" in record.data:
        return None
    try:
        return parse_address(record.data.get("address")), port, ()
    except ValueError:
        return None


def _overlap(one: tuple[Period, ...], other: tuple[Period, ...]) -> bool:
    return any(
        (a.end is None or b.start is None or b.start < a.end) and (b.end is None or a.start is None or a.start < b.end)
        for a in one or (Period(),)
        for b in other or (Period(),)
    )
