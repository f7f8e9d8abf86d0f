"""The search over everything: the inventory, what devices said of themselves, incidents, reports and people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, Protocol

from alerts.policies import AlertSettings, Person
from noc.clock import Clock
from noc.http.scope import Scope
from noc.http.searchindex import (
    TEXT_AT_MOST,
    AddressIndex,
    Field,
    Hit,
    Kind,
    SearchIndex,
    Thing,
    first_of_each,
    inventory_index,
    mac,
    thing_of_device,
    words_of,
)
from noc.http.searchstanding import Standing
from noc.i18n.language import Language
from noc.inventory.inventory import Inventory
from noc.model.present import Present
from noc.reports.frame.asked import EVERYTHING, Asked
from noc.state import incidents, reports
from noc.state.database import Database

READ_AGAIN: Final = timedelta(minutes=5)
"""What devices say of themselves changes seldom; an index of it is as old as this at most."""

OTHERS_TURN_AFTER: Final = 20
"""Devices that are taken in before others on the loop have their turn."""

ENOUGH: Final = 2_000


class Searched(Protocol):
    """What is searched, as in `noc.http.sources.Sources`."""

    @property
    def clock(self) -> Clock: ...  # noqa: D102
    @property
    def database(self) -> Database: ...  # noqa: D102
    @property
    def present(self) -> Present: ...  # noqa: D102
    @property
    def inventory(self) -> Callable[[], Inventory]: ...  # noqa: D102
    @property
    def people(self) -> Callable[[], AlertSettings]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kinds, each in the order of how well it fits. is_more: not all of it is listed."""

    hits: dict[Kind, list[Hit]]
    is_more: bool

    @property
    def number(self) -> int:
        """Return how many things are listed."""
        return sum(map(len, self.hits.values()))


class Search:
    """Holds the indexes; made anew when the inventory was, and what devices say now and then."""

    def __init__(self) -> None:
        self._inventory: Inventory | None = None
        self._names = SearchIndex()
        self._addresses, self._standing = AddressIndex(Inventory()), Standing(Inventory())
        self._details = SearchIndex()
        self._read_for: Inventory | None = None
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def find(
        self, sources: Searched, text: str, scope: Scope, at_most: int, spoken: Language | None = None
    ) -> Found:
        """Return what is called so, of what a caller may see. at_most: of each kind. Raises StateError.

        spoken: the caller's language, in which classes of devices are called by their names, as in English.
        """
        text = text.strip()[:200]
        if not text:
            return Found({}, is_more=False)
        inventory = sources.inventory()
        self._index(inventory)
        await self._read(sources, inventory)
        digits = mac(text)
        asked = self._standing.of(words_of(text), () if spoken is None else (spoken,))
        hits = chain(
            await _numbered(sources, text, scope, inventory),
            self._addresses.find(text),
            self._names.find(text, self._details, asked, by_name=True),
            self._details.find(text, self._names, asked),
            self._details.find(digits) if digits is not None and digits != text.lower() else (),
            _people(sources, text),
        )

        def sees(entity: str) -> bool:
            return not entity or scope.sees(inventory, entity)

        found, is_more = first_of_each(hits, sees, at_most, ENOUGH)
        return Found(found, is_more)

    def _index(self, inventory: Inventory) -> None:
        if inventory is not self._inventory:
            self._names, self._addresses = inventory_index(inventory), AddressIndex(inventory)
            self._standing = Standing(inventory)
            self._inventory = inventory

    async def _read(self, sources: Searched, inventory: Inventory) -> None:
        """Take in what devices say of themselves, where that was long ago; who comes meanwhile has what was there."""
        now = sources.clock.now()
        is_fresh = self._read_at is not None and now - self._read_at < READ_AGAIN and self._read_for is inventory
        if is_fresh or (self._reading.locked() and self._read_at is not None):
            return
        async with self._reading:
            if self._read_at is None or now - self._read_at >= READ_AGAIN or self._read_for is not inventory:
                self._details = await _details(inventory, sources.present)
                self._read_at, self._read_for = now, inventory


async def _numbered(sources: Searched, text: str, scope: Scope, inventory: Inventory) -> list[Hit]:
    """Return the incident and the report of a number, `#17` or `17`."""
    number = text.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return []
    found: list[Hit] = []
    async with sources.database.read() as connection:
        incident = await incidents.get(connection, int(number))
        issued = await reports.get(connection, int(number))
    if incident is not None and scope.sees(inventory, incident.entity):
        found.append(Hit(Thing("incident", number, incident.rule, incident.entity), "number", number))
    if issued is not None:
        asked = Asked.model_validate_json(issued.asked)
        if scope.everything if asked.of == EVERYTHING else scope.sees(inventory, asked.of):
            found.append(Hit(Thing("report", number, issued.name, ""), "number", number))
    return found


def _people(sources: Searched, text: str) -> Iterator[Hit]:
    """Yield people, whom the page of who is on call shows to everybody."""
    made = SearchIndex()
    for key, person in sources.people().people.items():
        thing = Thing("person", key, person.name or key, "")
        made.add(thing, [("name", person.name or key), ("id", key), ("email", _mail(person)), ("phone", person.phone)])
    yield from made.close().find(text)


async def _details(inventory: Inventory, present: Present) -> SearchIndex:
    """Return the index of what devices said when they were last read."""
    made = SearchIndex()
    for count, device in enumerate(inventory.devices.values(), 1):
        if count % OTHERS_TURN_AFTER == 0:
            await asyncio.sleep(0)
        snapshot = present.snapshot(device.entity)
        if snapshot is None:
            continue
        said = snapshot.device
        values: list[tuple[Field, str, str]] = [("serial", "", said.serial)] if said.serial else []
        if said.sys_name and said.sys_name.casefold() != device.name.casefold():
            values.append(("sys_name", "", said.sys_name))
        for port in snapshot.interfaces:
            name = port.name or port.descr or str(port.if_index)
            if port.alias:
                values.append(("alias", name, port.alias[:TEXT_AT_MOST]))
            if port.mac:
                values.append(("mac", name, port.mac.replace(":", "").lower()))
        made.extend(thing_of_device(device), values)
    return await asyncio.to_thread(made.close)


def _mail(person: Person) -> str | None:
    return None if person.email is None else str(person.email)
