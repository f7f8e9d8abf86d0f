"""Finds things by any part of what they are called by. Pure, and in memory: one long text is searched, not many things.

The values of all things stand in one text, a line each: so Python's search for a piece of text does all the work, some
milliseconds for a million values. What is the same comes first, then what begins so, then what has it as a word, as the
beginning of one, and in the middle of one. Several words need not stand together: each has to stand in some value, or
say what a device is, or where it stands.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import accumulate, chain
from typing import Final, Literal

from noc.http.searchstanding import Asked
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

WORDS_AT_MOST: Final = 6
HITS_OF_A_WORD: Final = 1_000
"""Places that are looked at for one of several words: who writes a rarer one beside it finds all."""

_MIDDLE: Final = 4
_STANDING, _ELSEWHERE = _MIDDLE + 1, _MIDDLE + 2
"""How well a word fits that stands in no value here: it says what the thing is, or where; or it stands elsewhere."""

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


class _Word:
    """What is looked for, and how well it fits."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._begun = re.compile(rf"(?<![^\W_]){re.escape(text)}")
        self._whole = re.compile(rf"{self._begun.pattern}(?![^\W_])")

    def fit(self, block: str) -> int:
        """Return 0 for a value that is the same, 1 for one that begins so, 2 for a word, 3 for a beginning, else 4."""
        if f"\n{self.text}" in block:
            return int(f"\n{self.text}\n" not in block)
        if self._begun.search(block) is None:
            return _MIDDLE
        return 2 if self._whole.search(block) else 3


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known of things beside their values here, as `SearchIndex.find` is given it."""

    beside: SearchIndex | None
    asked: Asked | None
    by_name: bool

    def says(self, word: str, thing: Thing) -> bool:
        """Return whether a word says what a device is, or where it stands."""
        return self.asked is not None and thing.kind == "device" and self.asked.says(word, thing.key)


class SearchIndex:
    """Values of things. `add` all, then `close`."""

    def __init__(self) -> None:
        self._things: list[Thing] = []
        self._lines: list[str] = []
        self._owners = array("L")
        self._fields: list[Field] = []
        self._parts: list[str] = []
        self._starts = array("L")
        self._numbers: dict[Thing, int] = {}
        self._text = self._folded = "\n"

    def add(self, thing: Thing, values: Iterable[tuple[Field, str | None]]) -> None:
        """Take a thing with what it is called by; what is empty is left out."""
        self.extend(thing, [(field, "", value) for field, value in values if value])

    def extend(self, thing: Thing, values: Sequence[tuple[Field, str, str]]) -> None:
        """Take values of a thing, each with the part of it that has them: that part is what is found then."""
        self._numbers[thing] = len(self._things)
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

    def find(
        self, text: str, beside: SearchIndex | None = None, asked: Asked | None = None, *, by_name: bool = False
    ) -> Iterator[Hit]:
        """Yield what is called so, what begins so, and what holds it; a thing may come several times.

        Then what has each of several words somewhere. beside: an index of other values of the same things. asked: what
        the words say of devices. by_name: devices of which no word stands here are found, too, by their first value.
        """
        wanted = _folded(text.strip().translate(_BREAKS))
        if not wanted:
            return
        yield from map(self._hit, self._phrase(wanted))
        words = words_of(text)
        if len(words) > 1:
            around = _Around(beside, asked, by_name=by_name and asked is not None)
            yield from map(self._hit, self._of_all([_Word(word) for word in words], around))

    def _phrase(self, wanted: str) -> Iterable[int]:
        lines = list(self._places(wanted))
        if len(lines) < HITS_AT_MOST:
            word = _Word(wanted)
            return sorted(lines, key=lambda line: word.fit(self._block(line, line + 1)))
        # So many hold it that not all were looked at: what is called so is looked for by itself.
        begun = (self._places(f"{before}{wanted}") for before in ("\n", " ", "-"))
        return dict.fromkeys([*self._places(f"\n{wanted}\n"), *chain.from_iterable(begun), *lines])

    def _of_all(self, words: Sequence[_Word], around: _Around) -> list[int]:
        """Return the lines of things that have all words, the best first; of each thing the line that fits best."""
        found = [list(self._places(word.text, HITS_OF_A_WORD)) for word in words]
        owners = [{self._owners[line] for line in lines} for lines in found]
        for word, there in zip(words, owners, strict=True):
            there.update(self._said(word.text, around))
        # What many have is looked for in what few have.
        rare = [there for there in owners if 0 < len(there) < HITS_OF_A_WORD] or owners
        fits: dict[int, int] = {}
        for owner in set[int]().union(*rare):
            fit = self._fit_of(owner, words, around)
            if fit is not None:
                fits[owner] = fit
        best: dict[int, tuple[int, int]] = {}
        for word, lines in zip(words, found, strict=True):
            for line in lines:
                owner = self._owners[line]
                if owner in fits:
                    best[owner] = min(
                        best.get(owner, (_ELSEWHERE, line)), (word.fit(self._block(line, line + 1)), line)
                    )
        order = sorted(fits, key=lambda owner: (fits[owner], owner))
        return [best[owner][1] if owner in best else bisect_left(self._owners, owner) for owner in order]

    def _said(self, word: str, around: _Around) -> Iterator[int]:
        """Yield the devices of which a word says something."""
        if around.asked is not None and around.by_name:
            for device in around.asked.devices(word, HITS_OF_A_WORD):
                number = self._numbers.get(thing_of_device(device))
                if number is not None:
                    yield number

    def _fit_of(self, owner: int, words: Sequence[_Word], around: _Around) -> int | None:
        """Return how well a thing fits, the less the better; None where a word stands nowhere."""
        own, thing = self._values(owner), self._things[owner]
        more = "" if around.beside is None else around.beside.values_of(thing)
        fit = 0
        for word in words:
            if word.text in own:
                fit += word.fit(own)
            elif around.says(word.text, thing):
                fit += _STANDING
            elif word.text in more:
                fit += _ELSEWHERE
            else:
                return None
        return fit

    def values_of(self, thing: Thing) -> str:
        """Return all values of a thing in small letters, each in a line; nothing where it isn't here."""
        number = self._numbers.get(thing)
        return "" if number is None else self._values(number)

    def _values(self, owner: int) -> str:
        return self._block(bisect_left(self._owners, owner), bisect_right(self._owners, owner))

    def _block(self, line: int, end: int) -> str:
        """Return some lines as they are searched, with a break before and behind each."""
        return self._folded[self._starts[line] - 1 : self._starts[end]]

    def _hit(self, line: int) -> Hit:
        value = self._text[self._starts[line] : self._starts[line + 1] - 1]
        thing, part = self._things[self._owners[line]], self._parts[line]
        if part:
            thing = Thing("interface", f"{thing.key}/{part}", f"{thing.name} {part}", thing.entity, part)
        return Hit(thing, self._fields[line], value)

    def _places(self, pattern: str, at_most: int = HITS_AT_MOST) -> Iterator[int]:
        at = self._folded.find(pattern)
        for _ in range(at_most):
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


def words_of(text: str) -> list[str]:
    """Return the words of a search, in small letters, each once."""
    return list(dict.fromkeys(_folded(text.strip().translate(_BREAKS)).split()))[:WORDS_AT_MOST]


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
