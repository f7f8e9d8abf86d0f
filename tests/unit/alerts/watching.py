"""A watch over one device, tables as the pipeline writes them, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from alerts.rules.compiled import Rule, Rules
from alerts.rules.measurements import MEASUREMENTS
from alerts.watch import Watch
from noc.inventory.inventory import Inventory
from noc.model.incident import RuleTransition
from noc.model.samples import Samples
from tests.unit.alerts.rules.things import inventory, threshold

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MINUTE = 60_000
BUSY = threshold(name="busy", hold_ms=10 * MINUTE)
FULL = threshold("interface.in_pct", name="full")
CONTEXT = ("agent_host", "hostname", "device", "site", "region", "device_class")


def table(
    minute: float, measurement: str, field: str, rows: Sequence[tuple[Mapping[str, str], float | None]]
) -> Samples:
    """Return a table as the pipeline writes it, with the numbers of one field beside those of another."""
    tags = MEASUREMENTS[measurement].tags
    return Samples(
        measurement=measurement,
        time=BEGIN + timedelta(minutes=minute),
        tag_keys=(*CONTEXT, *tags),
        field_keys=("another", field),
        tags=tuple((*("x",) * len(CONTEXT), *(told.get(tag, "-") for tag in tags)) for told, _ in rows),
        values=tuple((1e9, value) for _, value in rows),
    )


def processors(minute: float, *usage: float | None) -> Samples:
    return table(minute, "noc_processor", "usage_pct", [({"name": f"CPU {n}"}, value) for n, value in enumerate(usage)])


def lines(minute: float, **usage: float | None) -> Samples:
    return table(minute, "interface", "in_pct", [({"ifName": name}, value) for name, value in usage.items()])


def watching(*rules: Rule, over: Inventory | None = None) -> Watch:
    return Watch(Rules(rules), over or inventory("d"), "here")


def take(watched: Watch, *tables: Samples, entity: str = "device/d") -> list[tuple[str, str, str]]:
    return told(watched.take(entity, tables, "there"))


def told(transitions: Sequence[RuleTransition]) -> list[tuple[str, str, str]]:
    return [(found.rule, found.entity, found.status) for found in transitions]


def again(
    watched: Watch, *rules: Rule, over: Inventory | None = None, minute: int = 0
) -> tuple[Watch, list[tuple[str, str, str]]]:
    """Return the watch after a restart, and what it cleared then."""
    rows = [tuple(row) for row in json.loads(json.dumps(watched.memories()))]
    restarted = watching(*rules, over=over)
    return restarted, told(restarted.restore(rows, BEGIN_MS + minute * MINUTE))
