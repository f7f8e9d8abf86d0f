"""A circuit's byte budget holds for the links of pollers that cross it and for the polls of others, together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.app.build import centre_plan_of
from noc.app.linebudgets import Line, beside_links, lines
from noc.app.planning import plan_files
from noc.app.pollersettings import PollersSettings
from noc.app.wrongbudgets import wrong_lines
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from noc.scheduling.budgets import limits_of
from tests.live.standin_poller import enrol
from tests.things import device
from tests.unit.noc.app.conftest import CLEAN, Checking

SITES = {
    name: Site.model_validate({"id": name, "name": name, "region": name, "class": "field"}) for name in ("far", "near")
}
DEVICES = {name: replace(device(name), site=site) for name, site in (("r", "far"), ("s", "far"), ("hub", "near"))}


def circuit(name: str, end: str | None, budget: int | None = 100_000) -> Circuit:
    """Return a line of the far site."""
    a = None if end is None else {"device": end, "interface": "x"}
    z = {"device": "hub", "interface": "y"}
    said = {"id": name, "name": name, "kind": "satellite", "site": "far", "a": a, "z": z}
    return Circuit.model_validate(said).model_copy(update={"byte_budget_per_hour": budget})


def inventory(*circuits: Circuit) -> Inventory:
    return Inventory({}, SITES, DEVICES, {one.id: one for one in circuits})


def settings(**groups: dict[str, object]) -> PollersSettings:
    return PollersSettings.model_validate({"broker": {"host": "mqtt.example.org"}, "groups": groups})


def found(said: PollersSettings, known: Inventory, **pollers: int) -> dict[str, Line]:
    return {one.circuit.id: one for one in lines(said, known, pollers, "hq")}


EAST: dict[str, object] = {"scope": ("site/far",), "uplink": ("device/r",), "budget": 30_000}


def test_a_link_crosses_the_circuits_of_its_uplink() -> None:
    known = inventory(circuit("of-r", "r"), circuit("of-s", "s"), circuit("of-any", None), circuit("free", "r", None))
    assert found(settings(east=EAST), known).keys() == {"of-r", "of-any"}
    assert found(settings(east={**EAST, "uplink": ("circuit/of-s", "circuit/none")}), known).keys() == {"of-s"}
    assert found(settings(east={**EAST, "uplink": ("site/far",)}), known).keys() == {"of-r", "of-s", "of-any"}
    # The hub's router is the far end of these: what the hub's pollers send doesn't cross them.
    assert found(settings(east={**EAST, "uplink": ("device/hub", "device/none")}), known) == {}
    assert found(PollersSettings.model_validate({"groups": {"east": EAST}}), known) == {}


def test_polls_of_the_group_itself_do_not_cross_its_line() -> None:
    known = inventory(circuit("line", "r"))
    over = found(settings(east=EAST), known)
    assert (over["line"].links, over["line"].polls, over["line"].polled_by) == (30_000, 0, ())
    assert beside_links(known, over) is known
    assert list(wrong_lines(over.values(), "inventory")) == []


def test_polls_of_others_have_what_links_leave() -> None:
    known = inventory(circuit("line", "r"))
    over = found(settings(east={**EAST, "from_here": True}, west={"scope": ("device/s",)}), known)
    assert over["line"].polled_by == ("hq", "west")
    for group in (None, "west"):
        assert dict(limits_of(beside_links(known, over, group))) == {"circuit/line": 70_000}
    assert beside_links(known, over, "east") is known
    assert list(wrong_lines(over.values(), "inventory")) == []


def test_each_poller_of_a_group_has_a_link() -> None:
    known = inventory(circuit("line", "r"))
    (line,) = found(settings(east={**EAST, "from_here": True}), known, east=3, west=2).values()
    assert (line.links, line.polls) == (90_000, 50_000)
    (finding,) = wrong_lines([line], "inventory")
    assert finding.level == "warning"
    assert "links of poller group east may take 90000 bytes an hour, and polls by hq 50000" in finding.message
    assert "more than its budget of 100000" in finding.message


def test_links_without_a_bound_or_beyond_the_line_are_warnings() -> None:
    known = inventory(circuit("line", "r"))
    said = settings(east={**EAST, "budget": None}, other={**EAST, "budget": 200_000})
    unbounded, beyond = (one.message for one in wrong_lines(found(said, known).values(), "inventory"))
    assert "its budget is 100000 bytes an hour, and the link of poller group 'east' crosses it without" in unbounded
    assert "links of poller group east, other may take 200000 bytes an hour: more than its budget" in beyond


@given(st.integers(1_000, 200_000), st.integers(1_000, 200_000), st.integers(0, 5), st.booleans())
def test_what_goes_over_a_line_keeps_to_its_budget_or_is_told(
    budget: int, link: int, pollers: int, from_here: bool
) -> None:
    known = inventory(circuit("line", "r", budget))
    over = found(settings(east={**EAST, "budget": link, "from_here": from_here}), known, east=pollers)
    polls = dict(limits_of(beside_links(known, over)))["circuit/line"] if from_here else 0
    crosses = polls + link * max(1, pollers)
    assert (crosses > budget) == bool(list(wrong_lines(over.values(), "inventory")))
    assert not from_here or polls >= budget // 2


WIRED = """\
pollers:
  broker: {host: mqtt.example.org, tls: true}
  groups:
    east: {scope: [site/nairobi], uplink: [device/nbo-rtr-1], budget: 30000, from_here: true}
    west: {scope: [device/nbo-rtr-1]}
"""
CIRCUITS = (
    "circuits: {line: {kind: satellite, site: nairobi, budget: 100kB/h, probe: {device: nbo-rtr-1, name: '1'}}}\n"
)


def test_centre_plans_and_check_go_by_it(checking: Checking) -> None:
    own = f"state_dir: {checking.folder / 'state'}\n"
    files = {"noc.yaml": CLEAN["noc.yaml"] + own + WIRED, "inventory/all.yaml": CLEAN["inventory/all.yaml"] + CIRCUITS}
    checked = checking.run(files)
    assert checked.ok
    assert not [one for one in checked.findings if "links of" in one.message]
    assert dict(limits_of(centre_plan_of(checked).budgeted)) == {"circuit/line": 70_000}
    for group, budget in (("west", b"70000B/h"), ("east", b"100000B/h")):
        assert budget in plan_files(checked, "p", group)["inventory/plan.yaml"]
    for name in ("nbo-1", "nbo-2", "nbo-3"):
        enrol(checking.folder / "state", name, "east")
    said = [one for one in checking.messages(files) if "links of" in one]
    assert len(said) == 1
    assert "east may take 90000 bytes an hour, and polls by" in said[0]
