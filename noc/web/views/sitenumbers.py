"""The newest numbers of a site: how full its lines are, and which interfaces are busiest."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web

from noc.inventory.entities import Circuit
from noc.model.errors import StoreError, UsageError
from noc.model.instants import MILLISECOND
from noc.model.series import Latest, LatestQuery
from noc.web.pages import WebPages
from noc.web.places import url_of
from noc.web.toplists import LISTS
from noc.web.views.site import asked_for
from noc.web.views.top import TROUBLE, first_of

log = logging.getLogger(__name__)

BUSIEST: Final = 5
SPAN: Final = timedelta(minutes=15)
FIELDS: Final = ("in_bps", "out_bps", "in_pct", "out_pct")


@dataclass(frozen=True, slots=True)
class Use:
    """How full a circuit is at its end here. values: by field. time_ms: when that was read."""

    circuit: Circuit
    device: str
    interface: str
    values: Mapping[str, float]
    time_ms: int

    @property
    def url(self) -> str:
        """Return the address of the charts of the interface."""
        return f"{url_of('device', self.device)}?interface={quote(self.interface, safe='')}"


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a part of the page of a site, that is fetched behind it."""
    sources, site = pages.sources, asked_for(pages, request)
    inventory, now = sources.inventory(), sources.clock.now()
    trouble = ""
    latest: tuple[Latest, ...] = ()
    circuits = inventory.circuits_of(site.id)
    asked = LISTS[0]
    try:
        if circuits:
            query = LatestQuery({"site": site.id}, now - SPAN, now + MILLISECOND, ("interface",))
            latest = await sources.series.latest(query)
    except (StoreError, UsageError) as error:
        log.warning("%s: its last numbers can't be shown: %s", site.entity, error)
        trouble = TROUBLE
    found = await first_of(pages, request, asked, {"site": site.id}, SPAN, BUSIEST)
    return pages.show(
        request,
        "site_numbers.html",
        site=site,
        uses=uses_of(circuits, latest),
        asked=asked,
        found=found,
        trouble=trouble or found.trouble,
    )


def uses_of(circuits: Iterable[Circuit], latest: Iterable[Latest]) -> list[Use]:
    """Return how full circuits are, where the interface at one of their ends was read: the fullest first."""
    values: dict[tuple[str, str], dict[str, Latest]] = {}
    for one in latest:
        if one.measurement == "interface" and one.field in FIELDS:
            name = one.tags.get("ifName") or one.tags.get("ifDescr", "")
            values.setdefault((one.tags.get("device", ""), name), {})[one.field] = one
    found = []
    for circuit in circuits:
        ends = [end for end in (circuit.a, circuit.z) if end is not None and (end.device, end.interface) in values]
        for end in ends[:1]:
            numbers = values[end.device, end.interface]
            by_field = {field: one.value for field, one in numbers.items()}
            time_ms = max(one.time_ms for one in numbers.values())
            found.append(Use(circuit, end.device, end.interface, by_field, time_ms))
    return sorted(
        found, key=lambda use: (-max(use.values.get("in_pct", 0), use.values.get("out_pct", 0)), use.circuit.id)
    )
