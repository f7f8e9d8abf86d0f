"""The highest numbers of what a caller may see: the one way to ask a store about many devices at once."""

from __future__ import annotations

import heapq
from dataclasses import replace

from noc.http.scope import Scope
from noc.model.ports import FleetReader
from noc.model.series import Ranked, TopAnswer, TopQuery


async def top_seen(series: FleetReader, asked: TopQuery, seen: Scope) -> TopAnswer:
    """Return the first of the series that the caller may see. Raises StoreError, UsageError.

    A query that names a device, a site or a region is asked as it is: the caller may see that, or it isn't asked.
    """
    if seen.regions is None or asked.where.keys() & {"device", "site", "region"}:
        return await series.top(asked)
    answers = [
        await series.top(replace(asked, where={**asked.where, "region": region})) for region in sorted(seen.regions)
    ]
    sign = -1 if asked.order == "highest" else 1

    def place(one: Ranked) -> tuple[float, list[tuple[str, str]]]:
        return sign * one.value, sorted(one.tags.items())

    first = heapq.nsmallest(asked.count, (one for answer in answers for one in answer.items), key=place)
    resolution = answers[0].resolution if answers else "raw"
    return TopAnswer(tuple(first), sum(answer.compared for answer in answers), resolution)
