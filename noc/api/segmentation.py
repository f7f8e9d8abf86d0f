"""Segmentation: what must not reach what, whether it holds, and the proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.instants import to_ms
from noc.model.segmentation import ProofAnswer, ProofKind, SegmentationVerdict
from noc.pipeline.segmentationdocument import segmentation_document
from noc.state import proofs

VERDICTS: Final = ("held", "broken", "unproven")


FILTERS: Final = Filters(
    (
        By("verdict", "the verdict", "word", VERDICTS),
        By("statement", "the name", "text"),
        By("from", "the segment that must not reach", "text", of="origin"),
        By("must_not_reach", "the segment that must not be reached", "text"),
        By("owner", "the owner", "text"),
        By("proven", "the time when it was proved last", "time"),
    )
)


class ProofItem(Shape):
    """One result: who asked what, and what came."""

    at: Moment
    kind: ProofKind
    """probe: noc asked. denial: a firewall told that it refused. unasked: noc can't ask from here; `said` says why."""
    who: str
    """The poller, or the firewall."""
    source: str = Field(alias="from")
    """Address that asked."""
    to: str
    port: int | None
    """Of TCP; null: ICMP."""
    answer: ProofAnswer
    by: str
    """Who answered."""
    holds: bool
    """Whether it shows that the wall holds."""
    said: str


class ExceptionItem(Shape):
    """What may be reached all the same."""

    to: str
    ports: list[int]
    """None: all."""
    owner: str
    until: Moment


class StatementItem(Shape):
    """A statement, and how it stands."""

    statement: str
    entity: str
    origin: str = Field(alias="from")
    must_not_reach: str
    ports: list[int]
    icmp: bool
    owner: str
    every_s: int
    verdict: SegmentationVerdict
    """broken: something is reached. unproven: no proof for three rhythms, or none yet."""
    proven: Moment | None
    """When it was proved last that it holds."""
    last: ProofItem | None
    """The proof behind the verdict; else the newest."""
    reached: list[ProofItem]
    """What is reached and must not be."""
    excepted: list[ProofItem]
    """What is reached, and may be."""
    exceptions: list[ExceptionItem]
    asked: int
    """Of how many pairs of address and port there is a proof."""
    pairs: int
    """How many are asked in turn."""
    proofs: list[ProofItem]
    """The newest 20."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of segmentation."""

    async def listed(request: web.Request) -> Listing[StatementItem]:
        inventory, seen = sources.inventory(), scope(request)
        fits: Callable[[StatementItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        async with sources.database.read() as connection:
            kept = await proofs.all_kept(connection)
        now_ms = to_ms(sources.clock.now())
        visible = [one for one in sources.segmentation() if seen.sees(inventory, one.entity)]
        items = map(StatementItem.model_validate, segmentation_document(visible, kept, now_ms, int))
        known = {item.statement: item for item in items if fits(item)}
        shown, more = page(sorted(known), query.cursor(request), query.limit(request))
        return Listing[StatementItem](items=[known[key] for key in shown], next=more)

    filters = (*FILTERS.parameters, *PAGING)
    about = "What must not reach what, with the proofs, by name."
    return [Endpoint("GET", "/segmentation", about, listed, Listing[StatementItem], filters)]
