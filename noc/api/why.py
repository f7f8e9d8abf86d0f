"""Why a device, a part of one, or a circuit is what it is."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import Endpoint, Parameter, path_id
from noc.api._shapes import Moment, Shape, Status
from noc.api.devices import Poll, poll_item, visible_device
from noc.http.problems import bad_request, not_found
from noc.http.rawvalues import filtered, raw_text, raw_type
from noc.http.reasons import Hang, ReasonWord, sentence
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.http.why import Why, why_of
from noc.i18n.language import language
from noc.model.evidence import JudgedNow, RawPoll, RawValue
from noc.model.incident import Incident, Severity
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.model.transition import Status as Judged

RAW_AT_MOST: Final = 200
_ENGLISH: Final = language("en")

OF = Parameter("of", "A part of the device, by its entity; without it the device itself.")
WORDS = Parameter("q", f"Only raw values in whose name, OID or value these words stand; {RAW_AT_MOST} at most.")


class SeenItem(Shape):
    """A result of a check."""

    at: Moment
    ok: bool
    check: str
    """Empty where that is not known yet."""
    poller: str


class JudgedItem(Shape):
    """How results are judged."""

    confirm_down: int
    """Bad results in a row that make it down."""
    confirm_up: int
    """Good results in a row that make it up."""
    stale_s: float
    """For how long a result speaks."""
    run_ok: bool
    """Whether the last results are good."""
    run: int
    """How many of them in a row; 0 after they went stale."""
    run_since: Moment | None


class HangItem(Status):
    """What it hangs on."""

    entity: str
    depth: int
    """1: it hangs on this itself; 2: on what hangs on this."""


class ChangeItem(Shape):
    """A change of state in the ledger."""

    status: Judged
    since: Moment
    reason: str
    """confirmed, stale, withdrawn."""
    check: str
    poller: str


class PlannedItem(Shape):
    """A time that is planned for work on it, or on what it is below."""

    window: int
    entity: str
    start: Moment
    end: Moment
    runs: bool
    """Whether it is under way."""


class WhyIncident(Shape):
    """An incident that is not resolved, of it or of what it hangs on."""

    id: int
    entity: str
    rule: str
    severity: Severity
    since: Moment
    facts: dict[str, str | int | float | None]
    """What the rule saw: value, limit, unit, …"""


class RawItem(Shape):
    """A value as the agent gave it."""

    name: str
    oid: str
    type: str
    value: str
    at: Moment
    """When it was read: earlier than the poll where it is asked for more seldom."""


class RawPollItem(Shape):
    """The poll that the values are of."""

    at: Moment
    duration_s: float
    poller: str
    profile: str
    total: int
    """Values that concern it, of which `values` may be the first."""
    values: list[RawItem]


class WhyAnswer(Status):
    """All that is known of why something is what it is."""

    entity: str
    reason: ReasonWord
    said: str
    """The reason in a sentence."""
    judged: JudgedItem | None
    results: list[SeenItem]
    """The last results, the newest first."""
    hangs_on: list[HangItem]
    polls: list[Poll]
    """The checks of its device."""
    changes: list[ChangeItem]
    planned: list[PlannedItem]
    incidents: list[WhyIncident]
    cuts: list[str]
    """Sites that lose their only path with it."""
    stops: list[str]
    """Circuits and services that stop with it."""
    raw: RawPollItem | None
    """null where it wasn't read since noc began."""
    configuration_changed: Moment | None
    """When the newest version of the device's configuration was first fetched."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints."""

    async def of_device(request: web.Request) -> WhyAnswer:
        seen = scope(request)
        device = visible_device(sources.inventory(), seen, request.match_info["id"])
        entity = query.text(request, "of") or device.entity
        if entity != device.entity and owner_of(entity) != device.entity:
            raise bad_request("/query/of", f"'{entity[:60]}' is no part of {device.entity}; write peer/{device.id}/…")
        why = await why_of(sources, seen, entity)
        return answer_of(why, to_ms(sources.clock.now()), query.text(request, "q") or "")

    async def of_circuit(request: web.Request) -> WhyAnswer:
        inventory, seen, key = sources.inventory(), scope(request), request.match_info["id"]
        circuit = inventory.circuits.get(key)
        if circuit is None or not seen.sees(inventory, circuit.entity):
            raise not_found(f"circuit '{key[:100]}'")
        why = await why_of(sources, seen, circuit.entity)
        return answer_of(why, to_ms(sources.clock.now()), query.text(request, "q") or "")

    said = "Why {} is what it is: the rule, the last results, what it hangs on, what was read."
    return [
        Endpoint(
            "GET",
            "/devices/{id}/why",
            said.format("a device, or a part of one,"),
            of_device,
            WhyAnswer,
            (path_id("device"), OF, WORDS),
        ),
        Endpoint(
            "GET", "/circuits/{id}/why", said.format("a circuit"), of_circuit, WhyAnswer, (path_id("circuit"), WORDS)
        ),
    ]


def answer_of(why: Why, now_ms: int, words: str) -> WhyAnswer:
    """Return the answer. words: of the raw values that are wanted."""
    touches = why.touches
    return WhyAnswer(
        entity=why.entity,
        status=why.now.status,
        since=why.now.since_ms,
        seen=why.now.seen_ms,
        reason=why.reason.word,
        said=sentence(why.reason, _ENGLISH),
        judged=None if why.judged is None else _judged(why.judged),
        results=[SeenItem(at=one.time_ms, ok=one.ok, check=one.check, poller=one.poller) for one in why.results],
        hangs_on=[_hang(one) for one in why.hangs],
        polls=[poll_item(one) for one in why.polls],
        changes=[
            ChangeItem(status=one.status, since=one.since_ms, reason=one.reason, check=one.check, poller=one.poller)
            for one in why.changes
        ],
        planned=[
            PlannedItem(window=one.window, entity=one.entity, start=one.start_ms, end=one.end_ms, runs=one.runs(now_ms))
            for one in why.planned
        ],
        incidents=[_incident(one) for one in why.incidents],
        cuts=[] if touches is None else list(touches.cut),
        stops=[] if touches is None else [*touches.circuits, *touches.services],
        raw=None if why.raw is None else _raw(why.raw, filtered(why.values, words)),
        configuration_changed=None if why.changed is None else why.changed.first_ms,
    )


def _hang(one: Hang) -> HangItem:
    now = one.now
    return HangItem(entity=one.entity, depth=one.depth, status=now.status, since=now.since_ms, seen=now.seen_ms)


def _incident(one: Incident) -> WhyIncident:
    return WhyIncident(
        id=one.id,
        entity=one.entity,
        rule=one.rule,
        severity=one.severity,
        since=one.since_ms,
        facts=dict(one.facts),
    )


def _judged(one: JudgedNow) -> JudgedItem:
    return JudgedItem(
        confirm_down=one.confirm_down,
        confirm_up=one.confirm_up,
        stale_s=one.stale_ms / 1000,
        run_ok=one.run_ok,
        run=one.run_length,
        run_since=one.run_since_ms,
    )


def _raw(poll: RawPoll, wanted: list[RawValue]) -> RawPollItem:
    return RawPollItem(
        at=poll.at_ms,
        duration_s=poll.duration_s,
        poller=poll.poller,
        profile=poll.profile,
        total=len(wanted),
        values=[
            RawItem(name=one.name, oid=one.oid, type=raw_type(one.value), value=raw_text(one.value), at=one.at_ms)
            for one in wanted[:RAW_AT_MOST]
        ],
    )
