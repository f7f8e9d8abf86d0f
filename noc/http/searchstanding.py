"""What a device is and where it stands, by words: who looks for `geneva router` means the routers of Geneva. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from noc.i18n.deviceclasses import CLASS_NAMES, CLASS_WORDS
from noc.i18n.language import Language
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory

BEGINNING_AT_LEAST: Final = 3
"""Letters that are enough of a class: `rou`; a word of fewer has to be all of it."""

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Meant:
    """What one word may say of a device. sites: by their name. classes: by what they are called."""

    sites: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def says(self, device: Device) -> bool:
        """Return whether the word says something of a device."""
        return device.device_class in self.classes or device.site in self.sites


class Standing:
    """The classes and sites of an inventory's devices."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._sites = [(site.id, plain(site.name)) for site in inventory.sites.values()]
        self._of_class: dict[str, list[Device]] = {}
        for device in inventory.devices.values():
            self._of_class.setdefault(device.device_class, []).append(device)

    def of(self, words: Iterable[str], spoken: Iterable[Language]) -> Asked:
        """Return what words say of devices. spoken: in which a class is called by its name, beside English."""
        called = [
            (key, plain(name)) for texts in (CLASS_NAMES, CLASS_WORDS) for key, text in texts.items()
            for name in {text, *(one.say(text) for one in spoken)}
        ]  # fmt: skip
        return Asked(self, {word: self._meant(plain(word), called) for word in words})

    def device(self, key: str) -> Device | None:
        """Return a device of the inventory."""
        return self._inventory.devices.get(key)

    def devices(self, meant: Meant, at_most: int) -> Iterator[Device]:
        """Yield devices of which a word says something."""
        there = chain.from_iterable(self._inventory.devices_of(site) for site in sorted(meant.sites))
        alike = chain.from_iterable(self._of_class.get(one, ()) for one in sorted(meant.classes))
        return islice(chain(there, alike), at_most)

    def _meant(self, word: str, called: Iterable[tuple[str, str]]) -> Meant:
        sites = frozenset(key for key, name in self._sites if word in name)
        return Meant(sites, frozenset(key for key, name in called if _calls(word, name)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of one search say of devices."""

    standing: Standing
    meant: dict[str, Meant]

    def says(self, word: str, key: str) -> bool:
        """Return whether a word says something of a device. key: its id."""
        device = self.standing.device(key)
        return device is not None and word in self.meant and self.meant[word].says(device)

    def devices(self, word: str, at_most: int) -> Iterator[Device]:
        """Yield devices of which a word says something."""
        return self.standing.devices(self.meant.get(word, Meant()), at_most)


def plain(text: str) -> str:
    """Return a text in small letters, without accents and vowel signs: `Módem` is looked for as `modem`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _calls(word: str, name: str) -> bool:
    """Return whether a word calls a class by its name; beyond ASCII by any part: not all scripts have spaces."""
    if not word.isascii():
        return len(word) > 1 and word in name
    parts = _WORD.findall(name)
    return word in parts or (len(word) >= BEGINNING_AT_LEAST and any(part.startswith(word) for part in parts))
