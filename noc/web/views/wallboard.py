"""The wall: one screen for a room, read from three metres, with nothing to press."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.availability.objectives import left_share
from noc.http.scope import scope
from noc.http.wallpicture import SITE_WORDS, SiteBudget
from noc.model.incident import SEVERITIES, Incident
from noc.web.pages import WebPages
from noc.web.places import Place, place_of

SEEN_OLD_S: Final = 90
"""What polls tell is old after as long; most networks are asked several times a minute."""

READ_OLD_S: Final = 30
"""What noc knows by itself."""

FIGURES_OLD_S: Final = 180
"""Figures reach up to the last whole minute."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An incident and where it is."""

    incident: Incident
    where: Place


@dataclass(frozen=True, slots=True)
class Left:
    """A site, and the share of its budget that is left, in percent between 0 and 100."""

    budget: SiteBudget
    left_pct: float


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page. `?light`: in light colours; else in dark ones."""
    inventory, seen = pages.sources.inventory(), await pages.wall.show(scope(request))
    return pages.show(
        request,
        "wallboard.html",
        topics=("incidents", "statuses"),
        build=build_of(pages),
        is_light="light" in request.query,
        is_demo=pages.sources.tour is not None,
        seen=seen,
        seen_ms=seen.now_ms if seen.seen_ms is None else seen.seen_ms,
        old={"seen": SEEN_OLD_S, "read": READ_OLD_S, "figures": FIGURES_OLD_S},
        words=SITE_WORDS[:-1],
        name_of=await pages.called(),
        severities=SEVERITIES,
        worst=[Wrong(one, place_of(inventory, one.entity)) for one in seen.worst],
        budgets=[_left(one) for one in seen.budgets],
        nowhere=sum(1 for site, _ in seen.sites if site.latitude is None),
    )


def build_of(pages: WebPages) -> str:
    """Return what changes when scripts or style do: a wall that has others loads itself anew.

    Raises ProblemError (503) where the assets were not built.
    """
    files = (pages.manifest.url(name) for name in ("wall.js", "map.js", "noc.css", "theme.js"))
    return hashlib.sha256(" ".join(files).encode()).hexdigest()[:16]


def _left(one: SiteBudget) -> Left:
    share = left_share(one.standing.budget)
    return Left(one, 0.0 if share is None else min(max(float(100 * share), 0.0), 100.0))
