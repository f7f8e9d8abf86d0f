"""Copies of the configurations of devices: versions, their texts without secrets, and what changed."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable
from operator import attrgetter
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.api.devices import visible_device
from noc.http.acting import acting
from noc.http.problems import bad_request, not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.state import configurations
from noc.state.configurations import Version
from noc.state.database import Transaction

VERSION = Parameter("version", "A version, by its number.", {"type": "integer", "minimum": 1}, "path", required=True)
BEFORE = Parameter(
    "before", "The older version. Default: the one before.", {"type": "integer", "minimum": 1}, required=False
)

_DIGITS_AT_MOST = 15


class ConfigurationItem(Shape):
    """A version of a configuration."""

    version: int
    first: Moment
    """When it was first fetched."""
    last: Moment
    """When it was fetched last and was still the same."""
    changed: str | None
    """When it was changed, in the device's own words; null where it doesn't tell."""
    author: str | None
    """Who changed it, as the device tells; null where it doesn't."""
    lines: int


FILTERS: Final = Filters(
    (
        By("author", "the author", "text"),
        By("lines", "the number of lines", "number"),
        By("first", "the first time that it was read", "time", of="first_ms"),
        By("last", "the last time that it was read", "time", of="last_ms"),
    )
)


class ConfigurationText(ConfigurationItem):
    """A version with its text."""

    text: str
    """Without secrets: `<hidden>` stands in their place."""


class ConfigurationDiff(Shape):
    """What changed from one version to another."""

    before: ConfigurationItem
    after: ConfigurationItem
    diff: list[str]
    """Lines as `diff -u` has them, without the two of the names; empty where nothing is different."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of configurations."""

    async def listed(request: web.Request) -> Listing[ConfigurationItem]:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        fits: Callable[[Version], bool] = FILTERS.asked(request, sources.clock, {}, {})
        async with sources.database.read() as connection:
            found, after = await scanned_page(
                lambda place, at_once: configurations.versions(connection, device.id, at_once, place),
                attrgetter("id"),
                fits,
                query.number_cursor(request),
                query.limit(request),
            )
        more = None if after is None else query.next_cursor(after)
        return Listing[ConfigurationItem](items=[_item(one) for one in found], next=more)

    async def one(request: web.Request) -> ConfigurationText:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        await sources.access.looks.note(acting(request), f"the configuration of {device.id}")
        async with sources.database.read() as connection:
            version = await _version(connection, device.id, request.match_info["version"])
            text = await configurations.text_of(connection, device.id, version.id)
        return ConfigurationText(**_item(version).model_dump(), text=text or "")

    async def compared(request: web.Request) -> ConfigurationDiff:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        await sources.access.looks.note(acting(request), f"the configuration of {device.id}")
        async with sources.database.read() as connection:
            after = await _version(connection, device.id, request.match_info["version"])
            before = await _before(connection, device.id, after, query.text(request, "before"))
            texts = [await configurations.text_of(connection, device.id, one.id) or "" for one in (before, after)]
        found = await asyncio.to_thread(changes, *texts)  # of two long ones it takes seconds
        return ConfigurationDiff(before=_item(before), after=_item(after), diff=found)

    path = "/devices/{id}/configurations"
    of = path_id("device")
    filters = (of, *FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", path, "Copies of its configuration.", listed, Listing[ConfigurationItem], filters),
        Endpoint("GET", f"{path}/{{version}}", "One copy, with its text.", one, ConfigurationText, (of, VERSION)),
        Endpoint(
            "GET", f"{path}/{{version}}/diff", "What changed.", compared, ConfigurationDiff, (of, VERSION, BEFORE)
        ),
    ]


def changes(before: str, after: str) -> list[str]:
    """Return what is different, as lines of `diff -u`."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]


async def _version(connection: Transaction, device: str, given: str) -> Version:
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= _DIGITS_AT_MOST else 0
    found = await configurations.versions(connection, device, 1, number + 1)
    if not found or found[0].id != number:
        raise not_found(f"version '{given[:20]}' of the configuration of '{device}'")
    return found[0]


async def _before(connection: Transaction, device: str, after: Version, given: str | None) -> Version:
    if given is not None:
        return await _version(connection, device, given)
    found = await configurations.versions(connection, device, 1, after.id)
    if not found:
        raise bad_request("/path/version", "is the oldest that is kept; there is none before it")
    return found[0]


def _item(version: Version) -> ConfigurationItem:
    return ConfigurationItem(
        version=version.id,
        first=version.first_ms,
        last=version.last_ms,
        changed=version.changed,
        author=version.author,
        lines=version.lines,
    )
