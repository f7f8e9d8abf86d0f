"""How full circuits are: 95th percentile, trend, and the day on which each is full."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from noc.availability.policy import Period
from noc.i18n.language import Language
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.reports._capacitywords import CircuitRow, Outlook, circuits_table, large_facts
from noc.reports._names import name_of, told_of
from noc.reports._trend import Trend, trend_of
from noc.reports._use import Use, use_of
from noc.reports.frame.asked import Answer, Asked, By, Issue
from noc.reports.frame.document import Document, Paragraph, Section
from noc.reports.frame.material import Material
from noc.reports.frame.words import heading, local_day, period_words

PURPOSE: Final = "Tell how full circuits are, how that grows, and when each is full."
BY: Final[tuple[By, ...]] = ()
PERIOD: Final = "month"
FROM_LEDGER: Final = False

YEAR: Final = timedelta(days=365)
MONTH_MS: Final = 30 * 86_400_000
_ORDER: Final[tuple[Outlook, ...]] = (
    *("full", "growing", "steady", "falling", "too short"),
    *("no capacity", "no numbers"),
)


class CapacityAnswer(Answer):
    """rows: those that are full, then by the day on which they will be, then by how full they are."""

    rows: tuple[CircuitRow, ...]


ANSWER: Final = CapacityAnswer


async def gather(material: Material, asked: Asked) -> CapacityAnswer:
    """Read what is asked. Raises UsageError where `of` is nothing or no store is there, StoreError, StateError."""
    inventory = material.inventory
    inside = told_of(asked.of, inventory)
    head = await material.head(asked)
    if material.series is None:
        raise UsageError("capacity is worked out from the time series, and no store of them can be asked here")
    period = Period(head.start_ms, head.until_ms)
    circuits = [circuit for circuit in inventory.circuits.values() if inside(circuit.entity)]
    rows = []
    for number, circuit in enumerate(circuits):
        use = await use_of(circuit, material.series, period)
        rows.append(row_of(circuit, inventory, use, head.asked.zone))
        material.tell((number + 1) / len(circuits))
    return CapacityAnswer(head=head, rows=tuple(sorted(rows, key=_order)))


def row_of(circuit: Circuit, inventory: Inventory, use: Use | None, zone: str) -> CircuitRow:
    """Return what can be said of a circuit. Pure. use: None where nothing was read. zone: of the days."""
    trend = None if use is None else trend_of(use.times_ms, use.values)
    most = None if use is None else max((one for one in (use.in_bps, use.out_bps) if one is not None), default=None)
    capacity = circuit.capacity
    outlook = _outlook(capacity, most, trend)
    reached = None if trend is None or capacity is None or outlook != "growing" else trend.reaches(capacity)
    is_trend = trend is not None and trend.direction != "too short"
    return CircuitRow(
        entity=circuit.entity,
        name=circuit.name,
        site=name_of(inventory, f"site/{circuit.site}"),
        provider=circuit.provider or "",
        capacity_bps=capacity,
        in_bps=None if use is None else use.in_bps,
        out_bps=None if use is None else use.out_bps,
        used_pct=None if most is None or capacity is None else 100 * most / capacity,
        outlook=outlook,
        growth_bps=trend.slope * MONTH_MS if trend is not None and is_trend else None,
        full=_day(None if reached is None else reached.at_ms, zone),
        full_earliest=_day(None if reached is None else reached.earliest_ms, zone),
        full_latest=_day(None if reached is None else reached.latest_ms, zone),
        points=0 if trend is None else trend.points,
    )


def _outlook(capacity: int | None, most: float | None, trend: Trend | None) -> Outlook:
    if most is None:
        return "no numbers"
    if capacity is None:
        return "no capacity"
    if most >= capacity or (trend is not None and trend.direction == "growing" and trend.now >= capacity):
        return "full"
    return "too short" if trend is None else trend.direction


def _day(time_ms: int | None, zone: str) -> str | None:
    return None if time_ms is None else local_day(time_ms, zone).isoformat()


def _order(row: CircuitRow) -> tuple[int, str, float, str]:
    # What is growing and has no date within twenty years stands behind what has one.
    return _ORDER.index(row.outlook), row.full or "9999", -(row.used_pct or 0.0), row.entity


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, CapacityAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    soon = local_day(head.until_ms, head.asked.zone) + YEAR
    return Document(
        name=head.asked.report,
        title=say("Capacity of circuits"),
        subtitle=period_words(head.named, language),
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[
            Section(say("Result"), [large_facts(answer.rows, soon, language)]),
            Section(say("Method"), [Paragraph(_method(language))]),
            Section(say("All circuits"), [circuits_table(answer.rows, language)], begins_page=True),
        ],
        main="circuits",
        made_ms=head.known_at.time_ms,
    )


def _method(language: Language) -> str:
    say = language.say
    return " ".join(
        (
            say("The 95th percentile is that of 5-minute means over the period, as transit is billed; in use is that of"
                " the busier direction, as a share of the capacity that the inventory gives."),
            say("The trend is the median slope (Theil and Sen) of the 95th percentile of each whole day, or week of a"
                " long period. A circuit is growing only where the range of the slope, which holds the true one in 95"
                " of 100 cases, is above nothing; the days at the earliest and at the latest come from that range."),
            say("A day on which a circuit is full is a forecast: it holds as long as things go on as in the period."),
        )
    )  # fmt: skip
