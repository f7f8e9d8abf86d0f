"""All circuits: who carries them, how full they are, which are down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from aiohttp import web

from noc.http.scope import scope
from noc.inventory.entities import Circuit, CircuitKind
from noc.state import incidents
from noc.web.circuitrows import ORDERS, SHARES, CircuitRow, probed, region_of
from noc.web.overview import WORDS
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.views.satellite import degraded, on_way

KINDS: tuple[CircuitKind, ...] = get_args(CircuitKind)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list."""
    inventory, seen = pages.sources.inventory(), scope(request)
    visible = [one for one in inventory.circuits.values() if seen.sees(inventory, one.entity)]
    regions = [one for key, one in inventory.regions.items() if seen.sees_region(key)]
    providers = sorted({one.provider for one in visible if one.provider}, key=str.casefold)
    region = chosen(request, "region", sorted(one.id for one in regions))
    word, kind = chosen(request, "status", WORDS), chosen(request, "kind", KINDS)
    provider = chosen(request, "provider", providers)
    use = chosen(request, "use", [str(one) for one in SHARES])
    order = chosen(request, "sort", list(ORDERS), otherwise="state")
    text = request.query.get("q", "").strip()[:100]
    carried = [row for row in await _rows(pages, visible) if _is_of(row, kind, provider)]
    numbers = Counter(row.status.status for row in carried)
    wanted = [row for row in carried if word in ("", row.status.status) and region in ("", row.region.id)]
    found = [row for row in wanted if (not use or (row.share or 0.0) >= int(use)) and row.speaks_of(text)]
    page = page_of(sorted(found, key=lambda row: row.place(order)), request)
    return pages.show(
        request,
        "circuits.html",
        topics=("statuses", "incidents"),
        page=page.with_items([with_probe(row, pages) for row in page.items]),
        numbers=[(state, numbers[state]) for state in WORDS],
        total=len(visible),
        words=WORDS,
        word=word,
        kinds=KINDS,
        kind=kind,
        providers=providers,
        provider=provider,
        regions=sorted(regions, key=lambda one: one.name.casefold()),
        region=region,
        shares=SHARES,
        use=use,
        orders=ORDERS,
        order=order,
        text=text,
        is_filtered=bool(word or kind or provider or region or use or text),
    )


def _is_of(row: CircuitRow, kind: str, provider: str) -> bool:
    return kind in ("", row.circuit.kind) and provider in ("", row.circuit.provider)


async def _rows(pages: WebPages, visible: Sequence[Circuit]) -> list[CircuitRow]:
    sources, inventory = pages.sources, pages.sources.inventory()
    async with sources.database.read() as connection:
        worse = degraded(await incidents.all_open(connection))
    return [
        CircuitRow(
            one,
            inventory.sites[one.site],
            region_of(one, inventory),
            sources.present.status(one.entity),
            sources.use(one),
            {},
            one.entity in worse or on_way(one, inventory, worse),
        )
        for one in visible
    ]


def with_probe(row: CircuitRow, pages: WebPages) -> CircuitRow:
    """Return a row with what its probe measured last."""
    measured = probed(row.circuit, pages.sources.present)
    return CircuitRow(row.circuit, row.site, row.region, row.status, row.use, measured, row.is_degraded)
