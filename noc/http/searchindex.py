"""Finds things by any part of what they are called by. Pure, and in memory: one long text is searched, not many things.

The values of all things stand in one text, a line each: so Python's search for a piece of text does all the work, some
milliseconds for a million values. What is the same comes first, then what begins so, then what holds it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import accumulate
from typing import Final, Literal

from noc.inventory.entities import Device, Site
from noc.inventory.inventory import Inventory

Kind = Literal[
    "device", "site", "circuit", "interface", "endpoint", "service", "region", "incident", "report", "person"
]
KINDS: Final[tuple[Kind, ...]] = (
    "device", "site", "circuit", "interface", "endpoint", "service", "region", "incident", "report", "person",
)  # fmt: skip
Field = Literal[
    "id", "name", "address", "subnet", "serial", "mac", "alias", "provider", "provider_reference", "tag", "sys_name",
    "number", "email", "phone",
]  # fmt: skip
TEXT_AT_MOST: Final = 200
HITS_AT_MOST: Final = 4_000
"""Places of the text that one search looks at: many letters stand everywhere, and nobody reads so many."""

_BREAKS: Final = str.maketrans("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " " * 10)
_SEPARATORS: Final = str.maketrans("", "", ":.-")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is found. entity: it, or what it stands in; scope goes by it. part: of an interface, its name."""

    kind: Kind
    key: str
    name: str
    entity: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing, and by which of its values it was found."""

    thing: Thing
    field: Field
    value: str


class SearchIndex:
    """Values of things. `add` all, then `close`."""

    def __init__(self) -> None:
        self._things: list[Thing] = []
        self._lines: list[str] = []
        self._owners = array("L")
        self._fields: list[Field] = []
        self._parts: list[str] = []
        self._starts = array("L")
        self._text = self._folded = "\n"

    def add(self, thing: Thing, values: Iterable[tuple[Field, str | None]]) -> None:
        """Take a thing with what it is called by; what is empty is left out."""
        self.extend(thing, [(field, "", value) for field, value in values if value])

    def extend(self, thing: Thing, values: Sequence[tuple[Field, str, str]]) -> None:
        """Take values of a thing, each with the part of it that has them: that part is what is found then."""
        self._things.append(thing)
        self._owners.extend([len(self._things) - 1] * len(values))
        for field, part, value in values:
            self._lines.append(value if value.isprintable() else value.translate(_BREAKS))
            self._fields.append(field)
            self._parts.append(part)

    def close(self) -> SearchIndex:
        """Be ready to find; return self."""
        self._starts.extend(accumulate((len(line) + 1 for line in self._lines), initial=1))
        self._text = "\n" + "\n".join(self._lines) + "\n"
        small = self._text.lower()
        self._folded = small if len(small) == len(self._text) else "\n" + "\n".join(map(_folded, self._lines)) + "\n"
        self._lines = []
        return self

    def __len__(self) -> int:
        return len(self._owners)

    def find(self, text: str) -> Iterator[Hit]:
        """Yield what is called so, what begins so, and what holds it; a thing may come several times."""
        wanted = _folded(text.strip().translate(_BREAKS))
        if not wanted:
            return
        lines = list(self._places(wanted))
        if len(lines) < HITS_AT_MOST:
            yield from map(self._hit, sorted(lines, key=lambda line: self._rank(line, wanted)))
            return
        # So many hold it that not all were looked at: what is called so is looked for by itself.
        for line in dict.fromkeys([*self._places(f"\n{wanted}\n"), *self._places(f"\n{wanted}"), *lines]):
            yield self._hit(line)

    def _hit(self, line: int) -> Hit:
        value = self._text[self._starts[line] : self._starts[line + 1] - 1]
        thing, part = self._things[self._owners[line]], self._parts[line]
        if part:
            thing = Thing("interface", f"{thing.key}/{part}", f"{thing.name} {part}", thing.entity, part)
        return Hit(thing, self._fields[line], value)

    def _rank(self, line: int, wanted: str) -> int:
        """Return 0 for a value that is the same, 1 for one that begins so, else 2."""
        start = self._starts[line]
        if not self._folded.startswith(wanted, start):
            return 2
        return int(start + len(wanted) + 1 != self._starts[line + 1])

    def _places(self, pattern: str) -> Iterator[int]:
        at = self._folded.find(pattern)
        for _ in range(HITS_AT_MOST):
            if at < 0:
                return
            line = bisect_right(self._starts, at + pattern.startswith("\n")) - 1
            yield line
            # Behind the line that was found: one line counts once.
            at = self._folded.find(pattern, self._starts[line + 1] - 1)


class AddressIndex:
    """Devices by address, and sites by the networks that they have."""

    def __init__(self, inventory: Inventory) -> None:
        found = sorted((device.address.version, int(device.address), key) for key, device in inventory.devices.items())
        self._addresses = [(version, number) for version, number, _ in found]
        self._devices = [inventory.devices[key] for _, _, key in found]
        self._networks = [(subnet, site) for site in inventory.sites.values() for subnet in site.subnets]

    def find(self, text: str) -> Iterator[Hit]:
        """Yield the devices of a prefix, `10.1.0.0/16`, and the sites that an address or a prefix belongs to."""
        wanted = network(text)
        if wanted is None:
            return
        for subnet, site in self._networks:
            if subnet.version == wanted.version and (subnet.overlaps(wanted)):
                yield Hit(thing_of_site(site), "subnet", str(subnet))
        if wanted.num_addresses > 1:
            first, last = int(wanted.network_address), int(wanted.broadcast_address)
            start = bisect_left(self._addresses, (wanted.version, first))
            for device in self._devices[start : bisect_right(self._addresses, (wanted.version, last))]:
                yield Hit(thing_of_device(device), "address", str(device.address))


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return the prefix, or the single address, that a text is; None where it is neither."""
    text = text.strip()
    try:
        return ip_network(text, strict=False) if "/" in text else ip_network(ip_address(text))
    except ValueError:
        return None


def mac(text: str) -> str | None:
    """Return a MAC address, or the beginning of one from six digits on, as twelve digits stand in the index."""
    digits = text.strip().translate(_SEPARATORS).lower()
    is_mac = 6 <= len(digits) <= 12 and all(digit in "0123456789abcdef" for digit in digits)
    return digits if is_mac else None


def thing_of_device(device: Device) -> Thing:
    """Return a device as a thing."""
    return Thing("device", device.id, device.name, device.entity)


def thing_of_site(site: Site) -> Thing:
    """Return a site as a thing."""
    return Thing("site", site.id, site.name, site.entity)


def inventory_index(inventory: Inventory) -> SearchIndex:
    """Return the index of what an inventory says."""
    made = SearchIndex()
    for site in inventory.sites.values():
        made.add(thing_of_site(site), [("name", site.name), *_other("id", site.id, site.name)])
    for device in inventory.devices.values():
        tags = [("tag", tag) for tag in device.tags]
        named = [("name", device.name), *_other("id", device.id, device.name), ("address", str(device.address))]
        made.add(thing_of_device(device), [*named, *tags])  # type: ignore[list-item]
    for circuit in inventory.circuits.values():
        thing = Thing("circuit", circuit.id, circuit.name, circuit.entity)
        values = [("provider_reference", circuit.provider_reference), ("provider", circuit.provider)]
        made.add(thing, [("name", circuit.name), *_other("id", circuit.id, circuit.name), *values])  # type: ignore[list-item]
    for endpoint in inventory.endpoints.values():
        thing = Thing("endpoint", endpoint.id, endpoint.name, endpoint.entity)
        made.add(thing, [("name", endpoint.name), *_other("id", endpoint.id, endpoint.name)])
    for service in inventory.services.values():
        thing = Thing("service", service.id, service.name, service.entity)
        made.add(thing, [("name", service.name), *_other("id", service.id, service.name)])
    for region in inventory.regions.values():
        thing = Thing("region", region.id, region.name, region.entity)
        made.add(thing, [("name", region.name), *_other("id", region.id, region.name)])
    return made.close()


def first_of_each(
    hits: Iterable[Hit], sees: Callable[[str], bool], at_most: int, enough: int
) -> tuple[dict[Kind, list[Hit]], bool]:
    """Return the first hits of each kind, each thing once, of what may be seen; and whether there are more."""
    found: dict[Kind, list[Hit]] = {kind: [] for kind in KINDS}
    seen: set[Thing] = set()
    is_more = False
    for hit in hits:
        if hit.thing in seen or not sees(hit.thing.entity):
            continue
        seen.add(hit.thing)
        if len(found[hit.thing.kind]) < at_most:
            found[hit.thing.kind].append(hit)
        else:
            is_more = True
            if len(seen) >= enough:
                break
    return {kind: listed for kind, listed in found.items() if listed}, is_more


def _other(field: Field, value: str, name: str) -> list[tuple[Field, str]]:
    return [] if value == name else [(field, value)]


def _folded(text: str) -> str:
    """Return a text in small letters, of the same length."""
    small = text.lower()
    return small if len(small) == len(text) else text
