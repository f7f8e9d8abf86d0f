"""What is left of a line's budget for a poller's devices."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.app.pollerbudgets import with_shared_budgets
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from noc.scheduling.budgets import limits_of
from tests.things import device

SITES = ("a", "b")
DEVICES = {f"{site}{number}": replace(device(f"{site}{number}"), site=site) for site in SITES for number in range(4)}


def inventory(site_budget: int | None, circuit_budget: int | None) -> Inventory:
    text = {"region": "r", "class": "field", "name": "x"}
    plain = {name: Site.model_validate({"id": name, **text}) for name in SITES}
    sites = {name: one.model_copy(update={"budget": site_budget}) for name, one in plain.items()}
    # Its ends and its probe play no part.
    line = Circuit.model_construct(
        id="line", name="x", kind="fibre", site="a", budget=None, byte_budget_per_hour=circuit_budget
    )
    return Inventory({}, sites, DEVICES, {"line": line})


def test_nothing_changes_without_budgets() -> None:
    plain = inventory(None, None)
    assert with_shared_budgets(plain, {"a1"}) is plain


def test_a_part_of_the_devices_has_that_part_of_the_budget() -> None:
    found = dict(limits_of(with_shared_budgets(inventory(100_000, 400_000), {"a0", "a1", "a2"})))
    assert found == {"site/a": 75_000, "site/b": 100_000, "circuit/line": 300_000}


@given(st.lists(st.sampled_from(["x", "y", "z"]), min_size=8, max_size=8))
def test_together_pollers_keep_to_each_budget(owners: list[str]) -> None:
    of = dict(zip(DEVICES, owners, strict=True))
    shares = [{name for name, owner in of.items() if owner == poller} for poller in ("x", "y", "z")]
    plain = inventory(100_003, 500_009)
    for holder, limit in limits_of(plain):
        at = "a" if holder == "circuit/line" else holder[-1]
        drawing = [mine for mine in shares if any(name[0] == at for name in mine)]
        given_out = [dict(limits_of(with_shared_budgets(plain, mine)))[holder] for mine in drawing]
        assert limit - len(shares) <= sum(given_out) <= limit
