"""The map: where sites are and what joins them, which changes with the inventory alone; and how all of it is now."""

from __future__ import annotations

from aiohttp import web

from noc.api._endpoint import Endpoint
from noc.api._shapes import Shape
from noc.http.atlas import Atlas, Atlases, Line, point_of
from noc.http.scope import scope
from noc.http.sitestates import LEVELS, Level, StatesNow
from noc.http.sources import Sources
from noc.inventory.entities import CircuitKind, Site


class MapSite(Shape):
    """A site of the map."""

    id: str
    name: str
    region: str
    lat: float | None
    """Degrees, north is positive; null where the inventory has no coordinates."""
    lon: float | None
    """Degrees, east is positive."""
    hub: bool
    """Others are reached through it, or it governs a region."""


class MapCircuit(Shape):
    """A circuit of the map."""

    id: str
    name: str
    kind: CircuitKind
    site: int
    """The site that it connects: its place in `sites`."""
    to: list[int]
    """The sites at its far end, likewise; several where the way up is redundant, none where it isn't known, or yours to
    see."""


class MapShape(Shape):
    """Sites and circuits, each by id."""

    version: str
    """As `map` of the states that belong to it."""
    words: list[Level]
    """The states, the worst last; those of `/map/states` are places in this list."""
    sites: list[MapSite]
    circuits: list[MapCircuit]


class MapStates(Shape):
    """How everything is now, one digit each."""

    map: str
    """The `version` whose order this is in; where it is another one than yours, read `/map` again."""
    sites: str
    """A digit for each of its sites: the place of its state in `words`. A site is degraded where it is up, but one of
    its devices or circuits is not, or works worse than it should, or an incident that is more than a warning is open
    there."""
    circuits: str
    """A digit for each of its circuits."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of the map."""
    atlases, states = Atlases(), StatesNow(sources)

    async def shape(request: web.Request) -> MapShape:
        return _shape(atlases.of(sources.inventory(), scope(request)))

    async def version(request: web.Request) -> str:
        return atlases.of(sources.inventory(), scope(request)).version

    async def now(request: web.Request) -> MapStates:
        inventory = sources.inventory()
        atlas, known = atlases.of(inventory, scope(request)), await states.of(inventory)
        return MapStates(
            map=atlas.version,
            sites="".join(str(LEVELS.index(known.sites[site.id])) for site in atlas.sites),
            circuits="".join(str(LEVELS.index(known.circuits[line.circuit.id])) for line in atlas.lines),
        )

    return [
        Endpoint(
            "GET",
            "/map",
            "Where sites are, and which sites circuits join.",
            shape,
            MapShape,
            compressed=True,
            version=version,
        ),
        Endpoint("GET", "/map/states", "How sites and circuits of the map are now.", now, MapStates, compressed=True),
    ]


def _shape(atlas: Atlas) -> MapShape:
    places = {site.id: number for number, site in enumerate(atlas.sites)}
    return MapShape(
        version=atlas.version,
        words=list(LEVELS),
        sites=[_site(site, atlas) for site in atlas.sites],
        circuits=[_circuit(line, places) for line in atlas.lines],
    )


def _site(site: Site, atlas: Atlas) -> MapSite:
    lat, lon = point_of(site) or (None, None)
    return MapSite(id=site.id, name=site.name, region=site.region, lat=lat, lon=lon, hub=site.id in atlas.hubs)


def _circuit(line: Line, places: dict[str, int]) -> MapCircuit:
    one = line.circuit
    return MapCircuit(
        id=one.id, name=one.name, kind=one.kind, site=places[one.site], to=[places[end] for end in line.ends]
    )
