"""Webhooks: a message as an HTTP request, in the form of Alertmanager's webhook (version 4), or one of your own.

Signed, where a key is given, as Standard Webhooks say (standardwebhooks.com): who receives it can tell that it comes
from noc, that nobody changed it, and that it is no old one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from alerts.notifiers._facts import NEVER, Plain, incident_data, is_over, key_of, letter_data, message_data, short_of
from alerts.notifiers._ports import Letter, Message, Notifier
from alerts.notifiers._request import RequestSettings, Sender
from alerts.notifiers._templates import json_body
from noc.availability.times import format_time
from noc.clock import Clock
from noc.model.instants import to_ms
from noc.settings.secrets import Secret, SecretReference
from noc.wire.http import HttpRequest

PREFIX: Final = "whsec_"


class Settings(RequestSettings):
    """Where webhooks go, and what they say. Without `json`, `form` and `body`: Alertmanager's webhook, version 4."""

    kind: Literal["webhook"] = "webhook"
    """The notifier's kind."""
    signing_key: SecretReference | None = None
    """Key of the signature (HMAC-SHA256): `whsec_` and base64, or any text. Default: it isn't signed."""


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    key = None if settings.signing_key is None else settings.signing_key.resolve(folder)
    has_own_body = any(body is not None for body in (settings.as_json, settings.form, settings.body))
    return Webhook(Sender(settings, folder, clock, key), key, clock, is_plain=not has_own_body)


class Webhook:
    """Sends webhooks. key: signs. is_plain: the body is Alertmanager's."""

    def __init__(self, sender: Sender, key: Secret | None, clock: Clock, *, is_plain: bool) -> None:
        self._sender = sender
        self._key = key
        self._clock = clock
        self._is_plain = is_plain

    async def send(self, message: Message) -> None:
        """Send a webhook; a 2xx answer takes it. Raises NotifyError."""
        await self._hand_in(self._sender.request(message), message.key, lambda: alertmanager(message))

    async def announce(self, letter: Letter) -> None:
        """Send what a letter says in short; a 2xx answer takes it. Raises NotifyError."""
        await self._hand_in(self._sender.request_of_letter(letter), letter.key, lambda: announcement(letter))

    async def _hand_in(self, request: HttpRequest, key: str, payload: Callable[[], Mapping[str, Plain]]) -> None:
        if self._is_plain and request.method != "GET":
            headers = {"Content-Type": "application/json", **request.headers}
            request = replace(request, headers=headers, body=json_body(dict(payload())))
        if self._key is not None:
            request = signed(request, key, to_ms(self._clock.now()) // 1000, self._key)
        await self._sender.counter.hand_in(request)


def signed(request: HttpRequest, key: str, at_s: int, secret: Secret) -> HttpRequest:
    """Return a request with the three headers of Standard Webhooks. key: of the message. at_s: of the epoch."""
    plain = f"{key}.{at_s}.".encode() + (request.body or b"")
    mac = base64.b64encode(hmac.new(_key(secret), plain, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": key, "webhook-timestamp": str(at_s), "webhook-signature": f"v1,{mac}"}
    return replace(request, headers={**request.headers, **headers})


def _key(secret: Secret) -> bytes:
    plain = secret.reveal()
    if plain.startswith(PREFIX):
        try:
            return base64.b64decode(plain.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return plain.encode()
    return plain.encode()


def alertmanager(message: Message) -> dict[str, Plain]:
    """Return the payload of Alertmanager's webhook, version 4, with noc's own beside it in `noc`.

    Source: Prometheus documentation, alerting/configuration, webhook_config.
    """
    incident = message.incident
    status = "resolved" if is_over(message) else "firing"
    labels: dict[str, Plain] = {
        "alertname": incident.rule,
        "severity": incident.severity,
        "instance": incident.entity,
        "priority": str(incident.priority),
        "incident": str(incident.id),
    }
    if incident.cause:
        labels["cause"] = incident.cause
    annotations: dict[str, Plain] = {
        "summary": message.subject,
        "description": message.text,
        "short": short_of(message),
    }
    alert: dict[str, Plain] = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": format_time(incident.since_ms),
        "endsAt": NEVER if incident.resolved_ms is None else format_time(incident.resolved_ms),
        "generatorURL": message.url or "",
        "fingerprint": key_of(incident),
    }
    told = message_data(message)
    return {
        "version": "4",
        "groupKey": key_of(incident),
        "truncatedAlerts": 0,
        "status": status,
        "receiver": message.to,
        "groupLabels": {"alertname": incident.rule, "instance": incident.entity},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": _base_url(message.url),
        "alerts": [alert],
        "noc": {
            **{name: told[name] for name in ("key", "thread", "kind", "name", "language", "url", "ack_url")},
            "incident": incident_data(incident),
        },
    }


def announcement(letter: Letter) -> dict[str, Plain]:
    """Return the same form for what is no incident: without alerts, so that who reads only these hears of none."""
    annotations: dict[str, Plain] = {"summary": letter.subject, "description": letter.text, "short": letter.short}
    told = letter_data(letter)
    return {
        "version": "4",
        "groupKey": letter.key,
        "truncatedAlerts": 0,
        "status": "resolved",
        "receiver": letter.to,
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": annotations,
        "externalURL": letter.url or "",
        "alerts": [],
        "noc": {
            name: told[name] for name in ("key", "thread", "kind", "name", "language", "url", "ack_url", "incident")
        },
    }


def _base_url(url: str | None) -> str:
    return "" if url is None else url.rpartition("/incidents/")[0]
