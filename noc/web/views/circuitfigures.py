"""Figures of a circuit: this month's availability and outages, and what transit is billed by."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from noc.http.sources import Sources
from noc.inventory.entities import Circuit
from noc.model.errors import StoreError, UsageError
from noc.model.instants import to_ms
from noc.model.series import WHOLE, SeriesQuery
from noc.pipeline.circuituse import ends_of
from noc.web.figures import Line, beside, line, scale_for
from noc.web.pages import WebPages
from noc.web.periods import Asked, asked
from noc.web.views.availability import promised
from noc.web.views.circuit import asked_for
from noc.web.views.corrections import outages_in
from noc.web.views.top import TROUBLE

log = logging.getLogger(__name__)

OUTAGES: Final = 20
SPANS: Final = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Billed:
    """The 95th percentile over a time, in bits per second, towards the site (in) and away; share: of the capacity."""

    span: str
    in_bps: float | None
    out_bps: float | None
    share: float | None


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a part of the page of a circuit, that is fetched behind it."""
    sources, circuit = pages.sources, asked_for(pages, request)
    now = sources.clock.now()
    period = asked("", now)
    made = await _line(pages, circuit, period, now)
    outages = [] if made is None else await outages_in(pages, sources.inventory(), circuit.entity, period)
    billed, trouble = await _billed(sources, circuit, now)
    return pages.show(
        request,
        "circuit_figures.html",
        circuit=circuit,
        asked=period,
        line=made,
        scale=scale_for([] if made is None else [made]),
        outages=outages[:OUTAGES],
        outages_more=max(0, len(outages) - OUTAGES),
        billed=billed,
        trouble=trouble,
    )


async def _line(pages: WebPages, circuit: Circuit, period: Asked, now: datetime) -> Line | None:
    sources = pages.sources
    said = await sources.stated(circuit.entity, period.so_far)
    measured = None if said is None else said.measured.entities.get(circuit.entity)
    if said is None or measured is None:
        return None
    whole = await sources.availability(period.whole) if period.is_running else said.measured
    then = whole.entities.get(circuit.entity, measured)
    sums = measured.figures.durations, then.figures.durations
    target = promised(pages)(circuit.entity)
    made = line(circuit.name, None, *sums, period, target, to_ms(now), outages=measured.figures.outages)
    return beside(made, said, circuit.entity)


async def _billed(sources: Sources, circuit: Circuit, now: datetime) -> tuple[list[Billed], str]:
    """Return the percentiles of the last times, and what keeps the store from answering."""
    found: list[Billed] = []
    for end in ends_of(circuit)[:1]:
        for span, length in SPANS.items():
            where = {"device": end.device, "ifName": end.interface}
            query = SeriesQuery("interface", ("in_bps", "out_bps"), where, now - length, now, WHOLE, ("p95",))
            try:
                series = (await sources.series.read(query)).series
            except (StoreError, UsageError) as error:
                log.warning("%s: its percentiles can't be shown: %s", circuit.entity, error)
                return found, TROUBLE
            found.append(_told(span, {one.field: one.values[-1] for one in series if one.values}, circuit, end))
    return found, ""


def _told(span: str, values: Mapping[str, float], circuit: Circuit, end: object) -> Billed:
    ways = ("in_bps", "out_bps") if end is circuit.a else ("out_bps", "in_bps")
    in_bps, out_bps = (values.get(way) for way in ways)
    known = [one for one in (in_bps, out_bps) if one is not None]
    share = 100 * max(known) / circuit.capacity if known and circuit.capacity else None
    return Billed(span, in_bps, out_bps, share)
