"""PagerDuty by its Events API, version 2: one alert there for one incident here, whoever is told of it.

Source: PagerDuty developer documentation, "Send an alert event".
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from alerts.notifiers._facts import Plain, incident_data, is_over, key_of
from alerts.notifiers._http import Counter, HttpSettings, Url, is_private
from alerts.notifiers._ports import Message, Notifier
from alerts.notifiers._templates import json_body
from noc.availability.times import format_time
from noc.clock import Clock
from noc.model.incident import Severity
from noc.settings.secrets import Secret, SecretReference
from noc.wire.http import HttpRequest

SUMMARY_AT_MOST: Final = 1024
SEVERITIES: Final[dict[Severity, str]] = {
    "critical": "critical",
    "major": "error",
    "minor": "warning",
    "warning": "info",
}


def _private(url: str) -> str:
    if not is_private(url):
        raise ValueError("the key is not sent over a connection that isn't encrypted: write https://")
    return url


class Settings(HttpSettings):
    """Which service of PagerDuty hears of incidents."""

    kind: Literal["pagerduty"] = "pagerduty"
    """The notifier's kind."""
    routing_key: SecretReference
    """The integration key of the service (Events API v2)."""
    url: Annotated[Url, AfterValidator(_private)] = "https://events.pagerduty.com/v2/enqueue"
    """Where events go; https://events.eu.pagerduty.com/v2/enqueue for accounts in the EU."""


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    key = settings.routing_key.resolve(folder)
    return PagerDuty(settings.url, key, Counter(settings, folder, clock, [key]))


class PagerDuty:
    """Sends events."""

    def __init__(self, url: str, routing_key: Secret, counter: Counter) -> None:
        self._url = url
        self._routing_key = routing_key
        self._counter = counter

    async def send(self, message: Message) -> None:
        """Send an event. Raises NotifyError; for good where PagerDuty says that it is none (400)."""
        body = json_body({"routing_key": self._routing_key.reveal(), **event(message)})
        request = HttpRequest("POST", self._url, headers={"Content-Type": "application/json"}, body=body)
        await self._counter.hand_in(request, (HTTPStatus.BAD_REQUEST,))


def event(message: Message) -> dict[str, Plain]:
    """Return the event, without its routing key. A repetition, a reminder, another person: the same dedup_key."""
    incident = message.incident
    if is_over(message):
        return {"event_action": "resolve", "dedup_key": key_of(incident)}
    links: list[Plain] = [] if message.url is None else [{"href": message.url, "text": "noc"}]
    return {
        "event_action": "trigger",
        "dedup_key": key_of(incident),
        "client": "noc",
        **({} if message.url is None else {"client_url": message.url}),
        "links": links,
        "payload": {
            "summary": message.subject[:SUMMARY_AT_MOST],
            "source": incident.entity,
            "severity": SEVERITIES[incident.severity],
            "timestamp": format_time(incident.since_ms),
            "component": incident.entity,
            "class": incident.rule,
            "custom_details": {"text": message.text, "incident": incident_data(incident)},
        },
    }
