"""Which charts show what an incident is about, at its moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.model.instants import from_ms
from noc.model.part import owner_of
from noc.model.series import SeriesName
from noc.web.charts import Chart, called, charts_of
from noc.web.words import readable, unit

BEFORE: Final = timedelta(hours=2)
AFTER: Final = timedelta(hours=1)
REACHING: Final = frozenset(("ping", "net_response", "noc_path"))
"""Measurements that tell how well something is reached: what there is to see where no rule names a number."""

CHARTS_AT_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """From when to when charts of an incident are drawn, in UTC."""

    start: datetime
    stop: datetime


def moment_of(incident: Incident, now: datetime) -> Moment:
    """Return the time around the beginning of an incident; it ends now at the latest."""
    since = from_ms(incident.since_ms)
    return Moment(since - BEFORE, max(min(since + AFTER, now), since))


def device_of(incident: Incident, inventory: Inventory) -> str | None:
    """Return the id of the device whose numbers tell most: of a site its first edge device, of a circuit its end."""
    entity = owner_of(incident.entity) or incident.entity
    kind, _, key = entity.partition("/")
    if kind == "device":
        return key if key in inventory.devices else None
    if kind == "site" and key in inventory.sites:
        return next((edge for edge in inventory.sites[key].edge_devices if edge in inventory.devices), None)
    if kind == "circuit" and key in inventory.circuits:
        circuit = inventory.circuits[key]
        return next((end.device for end in (circuit.probe, circuit.a, circuit.z) if end is not None), None)
    return None


def charts_for(incident: Incident, device: str, names: Iterable[SeriesName]) -> list[Chart]:
    """Return the chart of the number that the rule looks at, and those of how well the device is reached."""
    known = list(names)
    beside = [
        chart
        for chart in charts_of(device, known, None, None)
        if any(f"measurement={one}&" in chart.source for one in REACHING)
    ]
    ruled = _of_rule(incident, device, known)
    return [*([] if ruled is None else [ruled]), *beside][:CHARTS_AT_MOST]


def _of_rule(incident: Incident, device: str, known: Iterable[SeriesName]) -> Chart | None:
    facts = incident.facts
    measurement, metric = str(facts.get("measurement") or ""), str(facts.get("metric") or "").rpartition(".")[2]
    tags = {name[4:]: str(value) for name, value in facts.items() if name.startswith("tag.") and value is not None}
    for name in known:
        same = {tag: value for tag, value in tags.items() if name.tags.get(tag) == value}
        if (
            metric in name.fields
            and measurement in ("", name.measurement)
            and len(same) == len(tags.keys() & name.tags)
        ):
            asked = [("device", device), ("measurement", name.measurement), ("field", metric)]
            source = urlencode([*asked, *((f"tag.{tag}", value) for tag, value in same.items())])
            title, word = called(name.measurement, metric) or ("", readable(metric))
            drawn = unit(str(facts.get("unit") or ""))
            return Chart(
                title, f"/api/v1/series?{source}", drawn, ((metric, word),), tags.get("name", "") if title else word
            )
    return None
