"""Alerts and signs of life of other systems: taken, and answered when they are on disk."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import ValidationError

from alerts.foreign import PostedAlerts
from alerts.inbound import Inbound
from noc.api._endpoint import Endpoint, Parameter
from noc.api._shapes import Shape
from noc.http.problems import Fault, ProblemError, not_found
from noc.http.scope import caller
from noc.http.sources import Sources
from noc.settings.words import message

FAULTS_AT_MOST: Final = 20

NAME: Final = Parameter(
    "name", "Name of the heartbeat, a key of alerts: expect_heartbeats.", place="path", required=True
)


class TakenAlert(Shape):
    """What an alert means here."""

    entity: str
    rule: str
    severity: str
    is_over: bool


class TakenAlerts(Shape):
    """What was taken."""

    taken: list[TakenAlert]


class TakenHeartbeat(Shape):
    """What was taken."""

    heartbeat: str


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints for other systems."""

    async def alerts(request: web.Request) -> TakenAlerts:
        posted = await _posted(request)
        found = await _inbound(sources).take(caller(request).who, posted.root)
        listed = [
            TakenAlert(entity=one.entity, rule=one.rule, severity=one.severity, is_over=one.ends_ms is None)
            for one in found
        ]
        return TakenAlerts(taken=listed)

    async def heartbeat(request: web.Request) -> TakenHeartbeat:
        name = request.match_info["name"]
        try:
            await _inbound(sources).beat(name, caller(request).who)
        except LookupError as error:
            raise not_found(f"heartbeat '{name[:100]}'") from error
        return TakenHeartbeat(heartbeat=name)

    too_many = "Too many alerts of other systems fire already; `detail` says how many."
    summary = "Take alerts in the form of Alertmanager: they become incidents."
    posted = Endpoint("POST", "/alerts", summary, alerts, TakenAlerts, (), PostedAlerts, too_many, right="handle")
    beat = "Take a sign of life: an incident opens when it stays away."
    return [posted, Endpoint("POST", "/heartbeats/{name}", beat, heartbeat, TakenHeartbeat, (NAME,), right="handle")]


def _inbound(sources: Sources) -> Inbound:
    if sources.inbound is None:
        raise not_found("what takes alerts of other systems")
    return sources.inbound


async def _posted(request: web.Request) -> PostedAlerts:
    if request.content_type != "application/json":
        raise ProblemError(415, "send JSON, with Content-Type: application/json")
    try:
        return PostedAlerts.model_validate_json(await request.read())
    except ValidationError as error:
        found = error.errors(include_url=False)[:FAULTS_AT_MOST]
        faults = [Fault("/".join(["/body", *map(str, one["loc"])]), message(one)) for one in found]
        said = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
        raise ProblemError(400, f"{said}; send a list of alerts in the form of Alertmanager", faults) from error
