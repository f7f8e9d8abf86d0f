"""A site and rules, made for tests: everything has a believable default."""

from __future__ import annotations

from alerts.rules.compiled import DownRule, ThresholdRule
from alerts.rules.selection import Selection
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from tests.things import device

SITE = Site.model_validate({"id": "s", "name": "S", "region": "africa", "class": "field"})
EVERYWHERE = Selection()


def inventory(*devices: str) -> Inventory:
    """Return an inventory of these devices, routers at one site."""
    regions = {"africa": Region(id="africa", name="Africa")}
    return Inventory(regions, {"s": SITE}, {name: device(name) for name in devices})


def down(name: str = "device-down", selection: Selection = EVERYWHERE) -> DownRule:
    return DownRule(name=name, summary=name, severity="major", hold_ms=0, selection=selection)


def threshold(
    series: str = "noc_processor.usage_pct",
    raise_at: float = 90,
    clear_at: float = 80,
    hold_ms: int = 0,
    **more: object,
) -> ThresholdRule:
    """Return a threshold; above or below by its limits. series: measurement and field."""
    measurement, _, field = series.partition(".")
    whole = {"name": f"{field}-rule", "summary": field, "severity": "minor", "unit": "percent", **more}
    return ThresholdRule(
        measurement=measurement,
        field=field,
        side="above" if raise_at > clear_at else "below",
        raise_at=raise_at,
        clear_at=clear_at,
        hold_ms=hold_ms,
        **whole,  # type: ignore[arg-type]  # what a test gives
    )
