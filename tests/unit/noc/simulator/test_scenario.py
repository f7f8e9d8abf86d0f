from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from noc.model.errors import InputError
from noc.simulator.scenario import LONGEST, SHIPPED, load_scenarios
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, story

ROOT = Path(__file__).parents[4]
GOOD = """\
title: Test
on: {device: [router]}
often: 1
lasts: [1m, 2m]
effects: [{cut: device}]
"""


def wrong(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_scenarios(tmp_path)
    return [str(finding).removeprefix(f"{tmp_path}/") for finding in caught.value.findings]


def test_the_shipped_ones_are_right_and_each_can_happen() -> None:
    found = load_scenarios()
    assert {"rain-fade", "power-cut", "fibre-cut", "hub-cut", "flapping-interface", "cpu-runaway"} <= set(found)
    assert "device-replaced" in found
    assert all(scenario.lasts[1] <= LONGEST for scenario in found.values())
    happened = {fault.scenario for fault in story().between(NOW_MS - 30 * DAY_MS, NOW_MS + DAY_MS)}
    assert happened == set(found)


def test_a_scenario_of_your_own(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(GOOD)
    (scenario,) = load_scenarios(tmp_path).values()
    assert scenario.lasts == (timedelta(minutes=1), timedelta(minutes=2))
    assert (scenario.effects[0].begins, scenario.effects[0].ends) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("cut: device", "cut: devise", "x.yaml:5:17", "'devise' is not one of 'device' or 'site'"),
        ("cut: device", "cut: device, battery: true", "x.yaml:5:11", "an effect is one of cut, dark"),
        ("cut: device", "cut: device, from: 50", "x.yaml:5:31", "50 is no part of the time; write 0% to 100%"),
        ("cut: device", "cut: device, from: 60%, to: 40%", "x.yaml:5:11", "ends after it begins"),
        ("cut: device", "change: {metric: es_no, add: 1}", "x.yaml:5:29", "'es_no' is no metric"),
        ("device: [router]", "site: [hub]", "x.yaml:1:1", "needs `on: {device: [...]}`"),
        ("device: [router]", "device: [rooter]", "x.yaml:2:15", "'rooter' is not one of"),
        ("[1m, 2m]", "[2m, 1m]", "x.yaml:1:1", "the shortest and the longest, 12h at most"),
        ("[1m, 2m]", "[1m, 13h]", "x.yaml:1:1", "12h at most"),
        ("often: 1", "often: 0", "x.yaml:3:8", "greater than 0"),
        ("often: 1", "offen: 1", "x.yaml:3:1", "unknown key 'offen' (did you mean 'often'?)"),
        ("[{cut: device}]", "[]", "x.yaml:1:1", "write at least one effect"),
        ("title: Test\n", "", "x.yaml:1:1", "missing key 'title'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    assert old in GOOD
    found = wrong(tmp_path, GOOD.replace(old, new))
    assert any(line.startswith(f"{place}: error:") and message in line for line in found), found


def test_all_files_are_told_of_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: [")
    assert {line.split(":")[0] for line in wrong(tmp_path, "title: x")} == {"a.yaml", "x.yaml"}


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no scenarios here"):
        load_scenarios(tmp_path)


def test_the_example_in_the_page_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "extend" / "scenario.md").read_text()
    (tmp_path / "x.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    assert load_scenarios(tmp_path)["x"].title
    assert all(f"`{name}`" in page for name in ("cut", "dark", "battery", "change", "flap"))
    for path in SHIPPED.glob("*.yaml"):
        assert f"`{path.stem}`" in page
