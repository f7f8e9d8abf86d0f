"""The ways of a site to the data centres: over what they lead, how that is, and what was measured on them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from noc.http.scope import scope
from noc.http.sketches import View, latest_of, status_of, ways_of
from noc.model.errors import StoreError, UsageError
from noc.model.present import Word
from noc.sketch.graph import WORST
from noc.sketch.measured import Measured, measured, of_circuits
from noc.sketch.ways import Path, Ways
from noc.web.pages import WebPages
from noc.web.places import Place, place_of
from noc.web.views.site import asked_for
from noc.web.views.topology import drawing_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """A circuit, a device or a site on a way, and how it is."""

    place: Place
    status: Word


@dataclass(frozen=True, slots=True)
class Row:
    """A way to a data centre. status: of the worst of its steps. measured: nothing where nobody measures it.

    is_direct: it leads over nothing that the inventory names; else no steps are steps that the reader may not see.
    """

    centre: Place
    steps: tuple[Step, ...]
    status: Word
    measured: tuple[Measured, ...]
    is_direct: bool


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a part of the page of a site, that is fetched behind it."""
    sources, site, seen = pages.sources, asked_for(pages, request), scope(request)
    inventory, ways = sources.inventory(), ways_of(sources)
    known: list[Measured] = []
    trouble = ""
    try:
        known = measured(await latest_of(sources, site.id))
    except (StoreError, UsageError) as error:
        log.warning("%s: the numbers of its ways can't be shown: %s", site.entity, error)
        trouble = str(error)
    view = View("path", (site.entity, site.entity))
    return pages.show(
        request,
        "site_paths.html",
        site=site,
        rows=rows_of(ways, site.entity, status_of(sources), known, lambda one: seen.sees(inventory, one)),
        is_centre=site.entity in ways.centres,
        centres=len(ways.centres),
        pings=[one for one in known if one.by == "noc" and one.device in site.edge_devices],
        trouble=trouble,
        drawing=await drawing_for(pages, request, view, with_numbers=False),
    )


def rows_of(
    ways: Ways, site: str, status: Callable[[str], Word], known: Iterable[Measured], sees: Callable[[str], bool]
) -> list[Row]:
    """Return the ways of a site to each data centre, with what was measured on them.

    sees: what the reader may not see is left out of the steps, and does not count.
    """
    probes = list(known)
    paths = (path for centre in sorted(ways.centres - {site}) for path in ways.paths(site, centre))
    return [_row(ways, path, status, probes, sees) for path in paths]


def _row(
    ways: Ways, path: Path, status: Callable[[str], Word], known: list[Measured], sees: Callable[[str], bool]
) -> Row:
    steps = tuple(Step(place_of(ways.inventory, one), status(one)) for one in path.steps if sees(one))
    circuits = [one.place.entity for one in steps if one.place.entity.startswith("circuit/")]
    key = path.centre.partition("/")[2]
    asking = [one for one in known if one.by == "probe" and one.asks(key)]
    others = {other.partition("/")[2] for other in ways.centres} - {key}
    of_line = of_circuits(ways.inventory, circuits, known).values()
    fitting = asking or [one for one in of_line if not any(one.asks(other) for other in others)]
    states: list[Word] = [one.status for one in steps] + ([status(path.centre)] if sees(path.centre) else [])
    worst: Word = min(states, key=WORST.__getitem__) if states else "unknown"
    return Row(place_of(ways.inventory, path.centre), steps, worst, tuple(dict.fromkeys(fitting)), not path.steps)
