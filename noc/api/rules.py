"""Rules: what each looks for, for whom, what comes of its examples, and how often it was raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from aiohttp import web

from alerts.rulestried import Outcome, kind_of, shown
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._pages import page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import not_found
from noc.http.rulelook import KINDS, RuleKind, is_about, room_of, says
from noc.http.ruleroom import MadeNow, RuleNow
from noc.http.sources import Sources
from noc.model.incident import SEVERITIES, Severity


class RuleItem(Shape):
    """A rule that holds."""

    name: str
    kind: RuleKind
    summary: str
    severity: Severity
    for_s: float
    """How long it must last before it is raised."""
    looks_for: str
    """The condition, in one line; of an expression `when | clear`."""
    scope: dict[str, list[str]]
    """For whom it is, by key; empty: for all."""
    owner: str | None
    runbook: str | None
    policy: str | None
    """null: that of the settings."""
    shipped: bool
    """It comes with noc."""
    replaces: bool
    """It is one of your own, in the place of a shipped one."""
    examples: int
    """How many stand beside it."""
    entities: int
    """For how many entities it holds; of a rule about parts of devices: for how many devices."""
    series: int | None
    """How many series it looked at last; null: it looks at none."""
    raised: int
    """Its incidents that are not resolved."""
    raised_lately: int
    """Its incidents of 30 days."""
    last_raised: Moment | None
    """When its newest incident was opened."""


class MadeRuleItem(Shape):
    """A rule that noc makes itself: it has no file, and nobody changes it."""

    name: str
    summary: str
    watches: str
    """When it is raised."""
    runbook: str
    raised: int
    """Its incidents that are not resolved."""
    raised_lately: int
    """Its incidents of 30 days."""
    last_raised: Moment | None
    """When its newest incident was opened."""


class HappeningItem(Shape):
    """What happened in an example."""

    at_s: float
    status: Literal["raised", "cleared"]
    entity: str


class TriedItem(Shape):
    """What came of an example."""

    example: str
    ok: bool
    wrong: list[str]
    """What differs from what it says."""
    happened: list[HappeningItem]


class RuleDetail(RuleItem):
    """A rule with its file, as it is written now."""

    text: str
    changed: bool
    """The file isn't as it is in use: reload."""
    tried: list[TriedItem]


NAME: Final = Parameter("name", "Name of the rule.", place="path", required=True)
RAISED: Final = Parameter("raised", "Only those that are raised, or that aren't.", {"enum": ["true", "false"]})
WORDS: Final = Parameter("q", "Only those with this in name, summary, owner or what they look for.")


MADE_WORDS: Final = Parameter("q", "Only those with this in name, summary or when they are raised.")

FILTERS: Final = Filters(
    (
        By("kind", "the kind", "word", KINDS),
        By("severity", "the severity", "word", SEVERITIES),
        By("name", "the name", "text"),
        By("owner", "the owner", "text"),
        By("policy", "the policy", "text"),
    )
)
_VALUES: Final[dict[str, Callable[[RuleNow], Value]]] = {
    "kind": lambda one: kind_of(one.rule),
    "severity": lambda one: one.rule.severity,
    "name": lambda one: one.rule.name,
    "owner": lambda one: one.rule.owner,
    "policy": lambda one: one.rule.policy,
}


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of rules."""

    async def listed(request: web.Request) -> Listing[RuleItem]:
        room = room_of(sources, request)
        fits: Callable[[RuleNow], bool] = FILTERS.asked(request, sources.clock, _VALUES, {})
        raised, words = query.words(request, "raised", ("true", "false")), query.text(request, "q") or ""
        after, limit = query.cursor(request), query.limit(request)
        known = {
            one.rule.name: one
            for one in await room.all()
            if fits(one) and str(one.raised > 0).lower() in raised and is_about(one, words)
        }
        names, more = page(sorted(known), after, limit)
        return Listing[RuleItem](
            items=[RuleItem.model_validate(rule_document(known[name])) for name in names], next=more
        )

    async def one(request: web.Request) -> RuleDetail:
        name = request.match_info["name"]
        try:
            found = await room_of(sources, request).one(name)
        except LookupError:
            raise not_found(f"rule {name[:60]}") from None
        tried = [tried_document(outcome) for outcome in found.tried]
        document = {**rule_document(found.now), "text": found.text, "changed": found.changed, "tried": tried}
        return RuleDetail.model_validate(document)

    async def made(request: web.Request) -> Listing[MadeRuleItem]:
        room, words = room_of(sources, request), query.text(request, "q") or ""
        found = {one.rule.name: one for one in await room.made() if says(one.rule, words)}
        shown, more = page(sorted(found), query.cursor(request), query.limit(request))
        items = [MadeRuleItem.model_validate(made_document(found[name])) for name in shown]
        return Listing[MadeRuleItem](items=items, next=more)

    filters = (*FILTERS.parameters, RAISED, WORDS)
    summary = "Rules that hold, by name: what each looks for, for whom, and how often it was raised."
    itself = (
        "Rules that noc makes itself, without a file: when each is raised, its runbook, and how often it was raised."
    )
    detail = "A rule with its file, and what comes of its examples."
    return [
        Endpoint("GET", "/rules", summary, listed, Listing[RuleItem], (*filters, *PAGING)),
        Endpoint("GET", "/made-rules", itself, made, Listing[MadeRuleItem], (MADE_WORDS, *PAGING)),
        Endpoint("GET", "/rules/{name}", detail, one, RuleDetail, (NAME,)),
    ]


def rule_document(one: RuleNow) -> dict[str, object]:
    """Return a rule as plain data."""
    rule = one.rule
    return {
        "name": rule.name,
        "kind": kind_of(rule),
        "summary": rule.summary,
        "severity": rule.severity,
        "for_s": rule.hold_ms / 1000,
        "looks_for": shown(rule),
        "scope": rule.selection.shown,
        "owner": rule.owner,
        "runbook": rule.runbook,
        "policy": rule.policy,
        "shipped": one.shipped,
        "replaces": one.replaces,
        "examples": one.examples,
        "entities": one.entities,
        "series": one.series,
        "raised": one.raised,
        "raised_lately": one.lately,
        "last_raised": one.last_ms,
    }


def made_document(one: MadeNow) -> dict[str, object]:
    """Return a rule that noc makes itself as plain data."""
    rule, raised = one.rule, {"raised": one.raised, "raised_lately": one.lately, "last_raised": one.last_ms}
    return {"name": rule.name, "summary": rule.summary, "watches": rule.watches, "runbook": rule.runbook, **raised}


def tried_document(one: Outcome) -> dict[str, object]:
    """Return what came of an example as plain data."""
    happened = [{"at_s": at_ms / 1000, "status": what, "entity": entity} for at_ms, what, entity in one.happened]
    return {"example": one.example, "ok": not one.wrong, "wrong": list(one.wrong), "happened": happened}
