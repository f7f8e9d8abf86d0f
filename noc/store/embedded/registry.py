"""Which tables there are: kinds by their texts, tables by device and site. Memtables share one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.store.embedded.kinds import ODD, Block, Kind

TABLE_BYTES: Final = 600
"""What a table takes without its rows and its text, about."""

Numbers = npt.NDArray[np.int64]


class Registry:
    """Kinds and tables. shared: blocks that have several tables: which number counts is told by the order of rows.

    bytes: what it takes, about. tables: how many there are.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.tables = 0
        self.kinds: list[Kind] = []
        self.shared: dict[Block, None] = {}
        self._by_key: dict[tuple[bytes, int, int], Kind] = {}
        self._places: dict[str, list[tuple[Kind, int]]] = {}
        self._sites: dict[str, dict[str, None]] = {}

    def kind(self, text: bytes, rows: int, tag_keys: int, fields: int) -> Kind:
        """Return a kind, a new one where it isn't known. Raises ValueError for a text that is none."""
        known = self._by_key.get((text, rows, tag_keys))
        if known is None:
            known = Kind(len(self.kinds), text, rows, tag_keys, fields)
            if len(known.tag_keys) != tag_keys or len(known.fields) != fields:
                raise ValueError(f"{text!r} doesn't name {tag_keys} tags and {fields} fields")
            self.kinds.append(known)
            self._by_key[known.key] = known
        return known

    def numbers(self, kind: Kind, heads: Sequence[bytes]) -> Numbers:
        """Return the numbers of tables, ODD for samples that must be split; makes those that are new."""
        found = list(map(kind.tables.get, heads))
        if None in found:
            known = zip(found, heads, strict=True)
            return np.array([self.number(kind, head) if number is None else number for number, head in known], np.int64)
        return np.array(found, np.int64)

    def number(self, kind: Kind, head: bytes) -> int:
        """Return the number of a table, a new one where it isn't known."""
        known = kind.tables.get(head)
        if known is not None:
            return known
        place = kind.place(head)
        if place is None:
            kind.tables[head] = ODD
            return ODD
        device, site = place
        number = kind.add(head, device)
        self.tables += 1
        self.bytes += TABLE_BYTES + len(head)
        places = self._places.setdefault(device, [])
        if any(other.measurement == kind.measurement for other, _ in places):
            self.shared[device, kind.measurement] = None
        places.append((kind, number))
        if site:
            self._sites.setdefault(site, {})[device] = None
        return number

    def of_block(self, block: Block) -> list[tuple[Kind, int]]:
        """Return the tables of a block."""
        device, measurement = block
        return [place for place in self._places.get(device, ()) if place[0].measurement == measurement]

    def of_device(self, device: str) -> Sequence[tuple[Kind, int]]:
        """Return the tables of a device."""
        return self._places.get(device, ())

    def devices(self, site: str = "") -> Iterable[str]:
        """Return the devices that have tables; of a site alone, where one is given."""
        return self._sites.get(site, ()) if site else self._places
