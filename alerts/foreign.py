"""Alerts of other systems, in the form of Alertmanager: what they are about here, how grave, since when. Pure.

The form is that of `POST /api/v2/alerts` of Alertmanager, a list; its webhook's form (version 4), an object with
`alerts`, is taken too.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel, model_validator

from alerts.messages import clean
from alerts.rules.runbook import is_within
from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Facts, Severity
from noc.model.instants import to_ms

ALERTS_AT_MOST: Final = 1_000
LABELS_AT_MOST: Final = 64
TAGS_AT_MOST: Final = 12
WEEK_MS: Final = 7 * 86_400_000
_NO_END_YEAR: Final = 1
"""Alertmanager's webhook writes the year 1 where there is no end."""

_WHOSE: Final = ("device", "hostname", "host", "node", "instance", "address", "ip", "target")
_SEVERITIES: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(("critical", "page", "emergency", "fatal", "disaster"), "critical"),
    **dict.fromkeys(("major", "error", "high"), "major"),
    **dict.fromkeys(("minor", "average", "medium"), "minor"),
    **dict.fromkeys(("warning", "warn", "info", "low", "none"), "warning"),
}
_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_PORT: Final = re.compile(r":[0-9]{1,5}\Z")

Text = Annotated[str, Field(max_length=10_000)]
Texts = Annotated[dict[Annotated[str, Field(max_length=200)], Text], Field(max_length=LABELS_AT_MOST)]


class PostedAlert(BaseModel):
    """One alert."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    labels: Annotated[Texts, Field(min_length=1)]
    """What tells it from others; `alertname` names it."""
    annotations: Texts = Field(default_factory=dict)
    """`summary`, `description` and `runbook_url` are shown."""
    startsAt: AwareDatetime | None = None  # noqa: N815 the name in Alertmanager's form
    """Since when it fires. Default: now."""
    endsAt: AwareDatetime | None = None  # noqa: N815
    """In the past: it is over. In the future: it is over then, unless told again."""
    generatorURL: Text = ""  # noqa: N815
    """Where its system shows it."""
    status: Literal["firing", "resolved"] | None = None
    """In the webhook's form."""


class PostedAlerts(RootModel[Annotated[list[PostedAlert], Field(max_length=ALERTS_AT_MOST)]]):
    """A list of alerts, or Alertmanager's webhook object with `alerts`."""

    @model_validator(mode="before")
    @classmethod
    def _of_webhook(cls, data: object) -> object:
        return data["alerts"] if isinstance(data, dict) and "alerts" in data else data


@dataclass(frozen=True, slots=True)
class Foreign:
    """An alert as it counts here. ends_ms: None where it is over."""

    fingerprint: str
    entity: str
    rule: str
    severity: Severity
    since_ms: int
    ends_ms: int | None
    facts: Facts

    @property
    def name(self) -> str:
        """Return what tells it from others of its rule and entity."""
        shown = [str(value) for key, value in self.facts.items() if key.startswith("tag.")]
        return ", ".join(shown) or self.rule


def foreign(alert: PostedAlert, source: str, inventory: Inventory, now_ms: int, resolve_after_ms: int) -> Foreign:
    """Return what an alert means here. source: who told it. resolve_after_ms: of those that say no end."""
    labels = {clean(key, 100): clean(value) for key, value in alert.labels.items()}
    name = labels.get("alertname", "alert")
    said = json.dumps([source, sorted(alert.labels.items())])
    since_ms = now_ms if alert.startsAt is None else min(to_ms(alert.startsAt), now_ms)
    tags = [(key, value) for key, value in sorted(labels.items()) if key not in ("alertname", "severity")]
    notes = alert.annotations
    facts: dict[str, Fact] = {
        "summary": clean(notes.get("summary") or notes.get("title") or name),
        "source": source,
        **{f"tag.{key}": value for key, value in tags[:TAGS_AT_MOST]},
    }
    for key, text in (
        ("description", notes.get("description") or notes.get("message")),
        ("runbook", notes.get("runbook_url") or notes.get("runbook")),
        ("url", alert.generatorURL),
    ):
        # Without a host it is a page of the other system, and not of ours.
        if text and not (key == "runbook" and is_within(text)):
            facts[key] = clean(text)
    return Foreign(
        hashlib.sha256(said.encode()).hexdigest(),
        entity_of(labels, inventory),
        f"{source}/{_name(name)}",
        _SEVERITIES.get(labels.get("severity", "").lower(), "minor"),
        since_ms,
        _ends_ms(alert, now_ms, resolve_after_ms),
        facts,
    )


def _ends_ms(alert: PostedAlert, now_ms: int, resolve_after_ms: int) -> int | None:
    ends: datetime | None = alert.endsAt
    if alert.status == "resolved":
        return None
    if ends is not None and ends.year > _NO_END_YEAR:
        return to_ms(ends) if to_ms(ends) > now_ms else None
    # The webhook tells an alert again after hours only, and surely when it is over.
    return now_ms + (WEEK_MS if alert.status == "firing" else resolve_after_ms)


def entity_of(labels: Mapping[str, str], inventory: Inventory) -> str:
    """Return the entity that labels speak of: by id, name or address of a device; else a circuit, a service, a site.

    What the inventory doesn't know is `external/NAME`.
    """
    hosts = [_host(labels[key]) for key in _WHOSE if labels.get(key)]
    for host in hosts:
        found = _device(host, inventory)
        if found is not None:
            return found
    kinds = (("circuit", inventory.circuits), ("service", inventory.services), ("site", inventory.sites))
    for kind, known in kinds:
        if labels.get(kind) in known:
            return f"{kind}/{labels[kind]}"
    named = next((host for host in hosts if host), None) or labels.get("site") or labels.get("alertname", "alert")
    return f"external/{_name(named)}"


def _device(host: str, inventory: Inventory) -> str | None:
    if host in inventory.devices:
        return f"device/{host}"
    if host in inventory.endpoints:
        return f"endpoint/{host}"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        wanted = {host.casefold(), host.partition(".")[0].casefold()}
        return next((one.entity for one in inventory.devices.values() if one.name.casefold() in wanted), None)
    return next((one.entity for one in inventory.devices.values() if one.address == address), None)


def _host(text: str) -> str:
    """Return the host of an instance: `http://192.0.2.1:9100/metrics` → `192.0.2.1`."""
    bare = text.partition("://")[2] or text
    bare = bare.partition("/")[0].rpartition("@")[2]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare if bare.count(":") > 1 else _PORT.sub("", bare)


def _name(text: str) -> str:
    return _UNNAMEABLE.sub("-", text).strip("-.")[:100] or "unnamed"
