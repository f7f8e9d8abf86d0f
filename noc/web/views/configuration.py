"""Copies of a device's configuration: which there are, and what changed with one of them."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.http.acting import acting
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.inventory.entities import Device
from noc.state import configurations
from noc.state.configurations import Version
from noc.web.pages import WebPages

VERSIONS: Final = 50
LINES_AT_MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison. kind: added, removed, place, or same."""

    kind: str
    text: str


_KINDS: Final = {"+": "added", "-": "removed", "@": "place"}


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the versions of a device, and what is different in the one that is asked for."""
    sources, device = pages.sources, _device(pages, request)
    inventory = sources.inventory()
    await sources.access.looks.note(acting(request), f"the configuration of {device.id}")
    async with sources.database.read() as connection:
        state = (await configurations.states(connection)).get(device.id)
        versions = await configurations.versions(connection, device.id, VERSIONS + 1)
        chosen = _chosen(versions[:VERSIONS], request.query.get("version"))
        before = next((one for one in versions if chosen is not None and one.id < chosen.id), None)
        old, new = [
            "" if one is None else await configurations.text_of(connection, device.id, one.id) or ""
            for one in (before, chosen)
        ]
    whole = request.query.get("show") == "all" or before is None
    lines = _whole(new) if whole else await asyncio.to_thread(_compared, old, new)
    return pages.show(
        request,
        "configuration.html",
        topics=(),
        device=device,
        site=inventory.sites[device.site],
        region=inventory.region_of(device),
        state=state,
        versions=versions[:VERSIONS],
        chosen=chosen,
        before=before,
        whole=whole,
        lines=lines[:LINES_AT_MOST],
        more_lines=max(0, len(lines) - LINES_AT_MOST),
    )


def _device(pages: WebPages, request: web.Request) -> Device:
    inventory, key = pages.sources.inventory(), request.match_info["device"]
    device = inventory.devices.get(key)
    if device is None or not scope(request).sees(inventory, device.entity):
        raise not_found(f"device {key[:100]}")
    return device


def _chosen(versions: list[Version], given: str | None) -> Version | None:
    if given is None:
        return versions[0] if versions else None
    found = next((one for one in versions if str(one.id) == given), None)
    if found is None:
        raise not_found(f"version {given[:20]}")
    return found


def _compared(before: str, after: str) -> list[Line]:
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]
    return [Line(_KINDS.get(line[:1], "same"), line) for line in found]


def _whole(text: str) -> list[Line]:
    return [Line("same", line) for line in text.splitlines()]
