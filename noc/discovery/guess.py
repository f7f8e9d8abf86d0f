"""Where a found device may stand, and how it may be called. Pure; a person has the last word.

A site is guessed by what says most: a network that people wrote down for a site, a network that a device of the site
is connected to, neighbours, names, sysLocation, and last the nearness of addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple, TypeVar

from noc.discovery.ground import Ground, host_of
from noc.inventory.layers import DEVICE_CLASSES
from noc.inventory.values import Address, Network, id_like, is_id
from noc.model.discovery import Found

NEAR: Final[Mapping[int, tuple[int, ...]]] = {4: (30, 29, 28, 27, 26, 25, 24), 6: (120, 112, 96, 80, 64)}
"""By version of IP: how long a prefix that two addresses have in common makes them near, the nearest first."""

WIDEST: Final[Mapping[int, int]] = {4: 16, 6: 48}
"""A network that a device is connected to says nothing of a site where its prefix is shorter."""

_WORDS: Final = re.compile(r"[^0-9a-z]+")
_ID_AT_LEAST: Final = 2

_Key = TypeVar("_Key", str, Network)


class Guess(NamedTuple):
    """A site, and why it may be this one."""

    site: str
    why: str


class Sites:
    """Guesses sites. seen: devices of the inventory as the sweep found them, by id. asked: the site of --from-site."""

    def __init__(self, ground: Ground, seen: Mapping[str, Found], asked: str | None = None) -> None:
        self._ground = ground
        self._asked = asked
        sites, devices = ground.inventory.sites, ground.inventory.devices
        self._written = {network: site.id for site in sites.values() for network in site.subnets}
        self._connected = _unanimous(
            (ip_network(network), devices[key].site) for key, found in seen.items() for network in found.networks
        )
        self._heard = _unanimous(
            (host_of(neighbour.name), devices[key].site)
            for key, found in seen.items()
            for neighbour in found.neighbours
            if neighbour.name
        )
        self._first_words = _unanimous((_first_word(key), device.site) for key, device in devices.items())
        self._names = _unanimous((word, site.id) for site in sites.values() for word in (site.id, site.name.casefold()))
        self._kinds = _unanimous((word, device.device_class) for key, device in devices.items() for word in _later(key))
        self._near: dict[tuple[int, int, int], Counter[str]] = {}
        for device in devices.values():
            for key in _prefixes(device.address):
                self._near.setdefault(key, Counter())[device.site] += 1

    def device_class(self, found: Found) -> str:
        """Return what a device may be: as its profile says, else as devices with such names are (`sw` in nbo-sw-3)."""
        told = device_class(found)
        kinds = {self._kinds[word] for word in _later(found.sys_name or "") if word in self._kinds}
        return kinds.pop() if told == "other" and len(kinds) == 1 else told

    def guess(self, found: Found) -> Guess | None:
        """Return where a device may stand."""
        address = ip_address(found.address)
        return (
            self._by_network(address, self._written, "is in the site's subnet {}")
            or self._by_network(address, self._connected, "is in {}, which a device of the site is connected to")
            or self._by_neighbours(found)
            or self._by_name(found)
            or self._by_location(found)
            or self._by_nearness(address)
            or (Guess(self._asked, "was looked for from this site") if self._asked is not None else None)
        )

    def _by_network(self, address: Address, networks: Mapping[Network, str], why: str) -> Guess | None:
        fitting = [
            network
            for network in networks
            if network.version == address.version
            and address in network
            and network.prefixlen >= WIDEST[address.version]
        ]
        if not fitting:
            return None
        nearest = max(fitting, key=lambda network: network.prefixlen)
        return Guess(networks[nearest], why.format(nearest))

    def _by_neighbours(self, found: Found) -> Guess | None:
        heard = self._heard.get(host_of(found.sys_name)) if found.sys_name else None
        if heard is not None:
            return Guess(heard, f"devices there hear '{found.sys_name}' as a neighbour")
        known = {
            device.site: device.id
            for neighbour in found.neighbours
            if (device := self._ground.named(neighbour.name)) is not None
        }
        if len(known) == 1:
            site, device_id = next(iter(known.items()))
            return Guess(site, f"hears '{device_id}' as a neighbour")
        return None

    def _by_name(self, found: Found) -> Guess | None:
        word = _first_word(found.sys_name) if found.sys_name else ""
        site = self._names.get(word) or self._first_words.get(word)
        return Guess(site, f"names there begin with '{word}'") if site is not None and word else None

    def _by_location(self, found: Found) -> Guess | None:
        said = f" {_WORDS.sub(' ', (found.location or '').casefold())} "
        fitting = {site for name, site in self._names.items() if name and f" {_WORDS.sub(' ', name).strip()} " in said}
        return Guess(fitting.pop(), "its sysLocation names the site") if len(fitting) == 1 else None

    def _by_nearness(self, address: Address) -> Guess | None:
        for key in _prefixes(address):
            sites = self._near.get(key, Counter())
            if len(sites) == 1:
                site, count = next(iter(sites.items()))
                of = "a device" if count == 1 else f"{count} devices"
                return Guess(site, f"{of} of the site {'is' if count == 1 else 'are'} in the same /{key[1]}")
            if sites:
                return None
        return None


def _unanimous(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, str]:
    """Return what each key speaks of, where that is one thing alone."""
    found: dict[_Key, set[str]] = {}
    for key, meant in pairs:
        if key != "":
            found.setdefault(key, set()).add(meant)
    return {key: next(iter(one)) for key, one in found.items() if len(one) == 1}


def _first_word(name: str) -> str:
    return _WORDS.split(host_of(name), maxsplit=1)[0]


def _later(name: str) -> list[str]:
    """Return the words of a name behind the first, without numbers."""
    words = [word.rstrip("0123456789") for word in _WORDS.split(host_of(name))[1:]]
    return [word for word in words if word]


def _prefixes(address: Address) -> Iterator[tuple[int, int, int]]:
    for length in NEAR[address.version]:
        yield address.version, length, int(address) >> (address.max_prefixlen - length)


def device_id(found: Found, taken: Collection[str]) -> str:
    """Return an id for a device that no other one has: after its name, else its address."""
    name = id_like(host_of(found.sys_name)) if found.sys_name else ""
    base = name if is_id(name) and len(name) >= _ID_AT_LEAST else id_like(f"device-{found.address}".replace(":", "-"))
    number, candidate = 1, base
    while candidate in taken:
        number += 1
        candidate = f"{base[:90]}-{number}"
    return candidate


def device_class(found: Found) -> str:
    """Return the class that the profile gives; `other` where it gives none that there is."""
    return found.device_class if found.device_class in DEVICE_CLASSES else "other"
