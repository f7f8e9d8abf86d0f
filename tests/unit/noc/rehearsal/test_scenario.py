"""Scenarios that are wrong say where, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.check import CheckResult, check
from noc.model.errors import InputError
from noc.rehearsal.run import script_of
from noc.settings.yamltext import parse
from tests.rehearsed import configured, scripted


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    return configured(tmp_path_factory.mktemp("noc"))


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            "at: 0m, fail: site/nairobbi",
            "4:20: error: events.0.fail.0: unknown site 'nairobbi' (did you mean 'nairobi'?)",
        ),
        ("at: 0m, fail: sight/nairobi", "'sight/nairobi' is no entity (did you mean 'site'?)"),
        ("at: 0m, fail: interface/nbo-2/ge0", "unknown device 'nbo-2'"),
        ("at: 0m, fail: peer/nbo-1/bgp:192.0.2.1", "can't fail by itself here"),
        ("at: 3h, fail: site/nairobi", "4:10: error: events.0.at: it happens after the end"),
        ("at: 0m, fail: site/nairobi, restore: site/nairobi", "both fail and restore"),
        ("at: 0m", "none of them"),
        ("at: 0m, ack: nairobi", "'nairobi' is no incident; write root, all"),
        ("at: 0m, set: {entity: device/nbo-1, metric: es_n0_d, value: 1}", "(did you mean 'es_n0_db'?)"),
        (
            "at: 0m, set: {entity: device/nbo-1, metric: used_pct, value: 1}",
            "noc_memory.used_pct, noc_storage.used_pct",
        ),
        ("at: 0m, set: {entity: site/nairobi, metric: used_pct, value: 1}", "a site tells no numbers"),
        ("at: 0m, power_cut: {site: nairob}", "(did you mean 'nairobi'?)"),
    ],
)
def test_a_wrong_event_is_named_with_its_place(checked: CheckResult, events: str, said: str) -> None:
    with pytest.raises(InputError) as wrong:
        scripted(checked, events)
    assert said in str(wrong.value)
    assert "scenario.yaml:4:" in str(wrong.value) or "scenario.yaml:1:" in str(wrong.value)


def test_all_mistakes_are_told_at_once(checked: CheckResult) -> None:
    with pytest.raises(InputError) as wrong:
        scripted(checked, "at: 0m, fail: [site/a, device/b]\nat: 1m, restore: circuit/c")
    assert len(wrong.value.findings) == 3


def test_names_are_looked_at_also_where_the_form_is_wrong_elsewhere(checked: CheckResult) -> None:
    with pytest.raises(InputError) as wrong:
        scripted(checked, "at: 0m, fail: site/a\nat: 1m, explode: x\nfail: device/b\nat: 3h, fail: site/nairobi")
    said = [(one.line, one.message) for one in wrong.value.findings]
    assert [line for line, _ in said] == sorted(line for line, _ in said)
    for part in ("unknown site 'a'", "unknown key 'explode'", "missing key 'at'", "it happens after the end"):
        assert any(part in message for _, message in said), part


def test_what_is_no_scenario_at_all_is_told_as_it_is(checked: CheckResult) -> None:
    with pytest.raises(InputError, match="expected a mapping of keys, but this holds a list"):
        script_of(parse("- a list\n", "scenario.yaml"), checked)


def test_who_is_no_person_of_the_settings_is_warned_of(checked: CheckResult) -> None:
    script = scripted(checked, "at: 0m, ack: root, by: achien")
    assert [one.message for one in script.findings] == ["unknown person 'achien' (did you mean 'achieng'?)"]


def test_a_service_fails_with_what_it_is_asked_by(checked: CheckResult) -> None:
    (step,) = scripted(checked, "at: 0m, fail: service/erp").steps
    assert step.action.entities == ("endpoint/erp",)  # type: ignore[union-attr]


def test_settings_that_are_wrong_are_told_instead(tmp_path: Path) -> None:
    checked = configured(tmp_path)
    (tmp_path / "inventory" / "all.yaml").write_text("sites: {x: {region: nowhere, class: hub}}\n")
    with pytest.raises(InputError, match="unknown region 'nowhere'"):
        scripted(check(tmp_path / "noc.yaml", {"COMMUNITY": "public"}), "at: 0m, fail: site/x")
    assert checked.ok
