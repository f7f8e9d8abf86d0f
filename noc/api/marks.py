"""What stands behind charts: outages, planned work, incidents and events of an entity, as times."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import Endpoint, Parameter, time_parameter
from noc.api._shapes import Moment, Shape
from noc.http.marks import AT_MOST, MarkKind, marks_of
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.i18n.language import LOCALES, language

_DAY_MS: Final = 86_400_000
_LONGEST_MS: Final = 400 * _DAY_MS

PARAMETERS: Final = (
    Parameter("entity", "Of what: device/…, circuit/…, site/…, or a part of a device.", required=True),
    time_parameter("from", "Since when; without it a day before `to`."),
    time_parameter("to", "Until when, this moment without it."),
    Parameter("lang", "The language of the names of rules.", {"type": "string", "enum": sorted(LOCALES)}),
)


class MarkItem(Shape):
    """A time, or a moment."""

    kind: MarkKind
    start: Moment
    end: Moment | None
    """null: it goes on; of an event: it is one moment."""
    text: str
    severity: str
    """critical, major, minor, warning, info; or empty."""
    url: str
    """Of its page; empty where it has none."""


class Marks(Shape):
    """Marks in order of time."""

    items: list[MarkItem]


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of marks."""

    async def listed(request: web.Request) -> Marks:
        inventory, seen = sources.inventory(), scope(request)
        query.required(request, "entity")
        entity = named.entity(request, inventory, seen) or ""
        if not named.is_there(inventory, seen, entity):
            raise named.no_such_entity(inventory, seen, entity)
        end_ms = query.time(request, "to", sources.clock) or query.now_ms(sources.clock)
        start_ms = query.time(request, "from", sources.clock)
        start_ms = end_ms - _DAY_MS if start_ms is None else start_ms
        if not 0 < end_ms - start_ms <= _LONGEST_MS:
            raise bad_request("/query/from", "must be before `to`, by 400 days at most")
        spoken = language(query.word(request, "lang", ("en", *sorted(LOCALES.keys() - {"en"}))))
        found = await marks_of(sources, entity, start_ms, end_ms)
        return Marks(
            items=[
                MarkItem(
                    kind=one.kind,
                    start=one.start_ms,
                    end=one.end_ms,
                    text=spoken.say(one.text) if one.kind == "incident" else one.text,
                    severity=one.severity,
                    url=one.url,
                )
                for one in found
            ]
        )

    said = f"When an entity was down or unknown, planned, in an incident, or sent something; {AT_MOST} of each at most."
    return [Endpoint("GET", "/marks", said, listed, Marks, PARAMETERS)]
