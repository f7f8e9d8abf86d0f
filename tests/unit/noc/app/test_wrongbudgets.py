"""Budgets that can't hold the liveness of their devices are named by `noc check`."""

from __future__ import annotations

from dataclasses import replace

from noc.app.wrongbudgets import wrong_budgets
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from tests.things import device


def inventory(budget: str) -> Inventory:
    site = Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "field", "budget": budget})
    return Inventory({"r": Region(id="r", name="R")}, {"s": site}, {"d": replace(device("d"), site="s")})


def test_a_budget_below_liveness_is_a_warning_with_both_numbers() -> None:
    (finding,) = wrong_budgets(inventory("16KiB/h"), "inventory")
    assert finding.level == "warning"
    assert "site 's': its budget of 16384 bytes an hour is less than liveness alone takes there" in finding.message
    assert "about 50400" in finding.message  # five pings of 84 bytes each way, once a minute


def test_a_budget_that_holds_liveness_is_right() -> None:
    assert list(wrong_budgets(inventory("64KiB/h"), "inventory")) == []
