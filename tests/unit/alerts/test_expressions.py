"""Expressions watched: what they raise, for whom, and what is known of them after a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.rules.compiled import Rule, Rules
from alerts.rules.load import load_rules
from alerts.rules.measurements import MEASUREMENTS
from alerts.watch import PASTS_AT_MOST, Open, Watch
from noc.inventory.inventory import Inventory
from noc.model.incident import RuleTransition
from noc.model.samples import Samples
from tests.unit.alerts.rules.things import inventory
from tests.unit.alerts.watching import BEGIN, BEGIN_MS, MINUTE, told

HEAD = "summary: x\nseverity: major\n"


def rule_of(folder: Path, text: str, name: str = "x") -> Rule:
    (folder / f"{name}.yaml").write_text(HEAD + text)
    rules, findings = load_rules([folder])
    assert [str(one) for one in findings] == []
    return rules[name]


def rows(minute: float, measurement: str, *told: Mapping[str, float | str | None]) -> Samples:
    """Return a table with the fields and tags that are given."""
    known = MEASUREMENTS[measurement]
    fields = tuple(name for name in known.fields if any(name in row for row in told))
    return Samples(
        measurement=measurement,
        time=BEGIN + timedelta(minutes=minute),
        tag_keys=("device", *known.tags),
        field_keys=fields,
        tags=tuple(("d", *(str(row.get(tag, "-")) for tag in known.tags)) for row in told),
        values=tuple(tuple(_number(row.get(name)) for name in fields) for row in told),
    )


def _number(value: float | str | None) -> float | None:
    return value if isinstance(value, float | int) else None


def peers(minute: float, *states: float) -> Samples:
    return rows(minute, "noc_bgp_peer", *({"peer": f"10.0.0.{n}", "state": state} for n, state in enumerate(states)))


def watch_of(*rules: Rule, over: Inventory | None = None) -> Watch:
    return Watch(Rules(rules), over or inventory("d"), "here")


def said(found: Sequence[RuleTransition]) -> list[tuple[str, str]]:
    return [(one.entity, one.status) for one in found]


def test_so_many_of_the_peers(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        "kind: expression\nfor: 0s\nwhen: count(noc_bgp_peer where state < 6) >= 3\n"
        "clear: count(noc_bgp_peer where state < 6) <= 1\n",
    )
    watch = watch_of(rule)
    assert watch.take("device/d", [peers(0, 6, 6, 1, 1, 6)], "p") == ()
    (raised,) = watch.take("device/d", [peers(5, 6, 1, 1, 1, 6)], "p")
    assert (raised.entity, raised.status, raised.since_ms) == ("device/d", "raised", BEGIN_MS + 5 * MINUTE)
    assert {name: raised.facts[name] for name in ("metric", "value", "limit", "out_of")} == {
        "metric": "count(noc_bgp_peer where state < 6)",
        "value": 3.0,
        "limit": 3.0,
        "out_of": 5.0,
    }
    assert watch.take("device/d", [peers(10, 6, 6, 1, 1, 6)], "p") == ()  # between the two
    assert said(watch.take("device/d", [peers(15, 6, 6, 6, 1, 6)], "p")) == [("device/d", "cleared")]


def test_each_row_by_itself(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        'kind: expression\nfor: 10m\nexcept: {ifName: ["Lo*"]}\n'
        "when: interface.in_pct > 80 % and interface.out_pct > 80 %\n",
    )
    watch = watch_of(rule)
    for minute in (0, 5):
        table = rows(
            minute,
            "interface",
            {"ifName": "Gi1", "in_pct": 90, "out_pct": 90},
            {"ifName": "Gi2", "in_pct": 90, "out_pct": 10},
            {"ifName": "Lo0", "in_pct": 90, "out_pct": 90},
        )
        assert watch.take("device/d", [table], "p") == ()
    table = rows(10, "interface", {"ifName": "Gi1", "in_pct": 95, "out_pct": 90})
    (raised,) = watch.take("device/d", [table], "p")
    assert (raised.entity, raised.facts["value"], raised.facts["unit"], raised.facts["tag.ifName"]) == (
        "interface/d/Gi1",
        95.0,
        "percent",
        "Gi1",
    )
    unread = rows(15, "interface", {"ifName": "Gi1", "in_pct": None, "out_pct": 90})
    assert watch.take("device/d", [unread], "p") == ()  # no number is no good news
    well = rows(20, "interface", {"ifName": "Gi1", "in_pct": 20, "out_pct": 90})
    assert said(watch.take("device/d", [well], "p")) == [("interface/d/Gi1", "cleared")]


def test_two_measurements_at_once(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        "kind: expression\nfor: 0s\nwhen: max(noc_processor.usage_pct) > 90 % and max(noc_memory.used_pct) > 90 %\n",
    )
    watch = watch_of(rule)
    assert watch.take("device/d", [rows(0, "noc_processor", {"usage_pct": 95})], "p") == ()
    assert said(watch.take("device/d", [rows(5, "noc_memory", {"used_pct": 95})], "p")) == [("device/d", "raised")]
    assert watch.take("device/d", [rows(60, "noc_processor", {"usage_pct": 95})], "p") == ()  # of memory nobody knows
    found = watch.take("device/d", [rows(65, "noc_processor", {"usage_pct": 5})], "p")
    assert said(found) == [("device/d", "cleared")]


def test_what_is_absent_is_told_without_a_sample_also_after_a_restart(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "kind: expression\nfor: 0s\nwhen: absent(noc_satellite.es_n0_db, 15 min)\n")
    watch = watch_of(rule)
    assert watch.tick(BEGIN_MS) == ()
    watch.take("device/d", [rows(0, "noc_satellite", {"es_n0_db": 8.0})], "p")
    watch.take("device/d", [rows(10, "noc_satellite", {"rx_lock": 1.0})], "p")
    saved = [tuple(row) for row in json.loads(json.dumps(watch.memories()))]
    for again in (watch, watch_of(rule)):
        if again is not watch:
            assert again.restore(saved, BEGIN_MS + 11 * MINUTE) == ()
        assert again.tick(BEGIN_MS + 14 * MINUTE) == ()
        assert told(again.tick(BEGIN_MS + 15 * MINUTE)) == [("x", "device/d", "raised")]
        assert again.tick(BEGIN_MS + 16 * MINUTE) == ()
        back = again.take("device/d", [rows(20, "noc_satellite", {"es_n0_db": 8.0})], "p")
        assert said(back) == [("device/d", "cleared")]


@pytest.mark.parametrize(
    "when", ["change(noc_processor.usage_pct, 30 min) > 40 %", "rate(noc_processor.usage_pct, 30 min) > 1 %/min"]
)
def test_what_was_before_is_known_after_a_restart(tmp_path: Path, when: str) -> None:
    rule = rule_of(tmp_path, f"kind: expression\nfor: 0s\nwhen: {when}\n")
    watch = watch_of(rule)
    for minute in range(31):
        cores = ({"name": "0", "usage_pct": 10.0 + minute / 10}, {"name": "1", "usage_pct": 80.0})
        assert watch.take("device/d", [rows(minute, "noc_processor", *cores)], "p") == ()
    saved = [tuple(row) for row in json.loads(json.dumps(watch.memories()))]
    assert len(saved) == 2, "one row for each series"
    again = watch_of(rule)
    assert again.restore(saved, BEGIN_MS + 31 * MINUTE) == ()
    assert [tuple(row) for row in again.memories()] == saved
    cores = ({"name": "0", "usage_pct": 70.0}, {"name": "1", "usage_pct": 80.0})
    found = again.take("device/d", [rows(32, "noc_processor", *cores)], "p")
    assert told(found) == [("x", "device/d", "raised")]
    assert watch_of(rule).take("device/d", [rows(32, "noc_processor", *cores)], "p") == ()


def test_what_was_before_is_kept_of_so_many_series_and_without_what_makes_no_sense(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rule = rule_of(tmp_path, "kind: expression\nfor: 0s\nwhen: change(noc_processor.usage_pct, 1 h) > 40 %\n")
    watch = watch_of(rule)
    many = [{"name": str(number), "usage_pct": 10.0} for number in range(PASTS_AT_MOST + 10)]
    watch.take("device/d", [rows(0, "noc_processor", *many)], "p")
    saved = watch.memories()
    assert len(saved) == PASTS_AT_MOST
    for wrong in ("{", "7", "[[1]]", '[["a", 1]]'):
        row = (*saved[0][:9], wrong, *saved[0][10:])
        assert watch_of(rule).restore([row], BEGIN_MS) == ()
    assert len(caplog.records) == 4


def test_a_raised_expression_is_adopted_and_goes_with_its_rule(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "kind: expression\nfor: 0s\nwhen: count(noc_bgp_peer where state < 6) >= 2\n")
    watch = watch_of(rule)
    assert watch.adopt([Open("x", "device/d", "major", BEGIN_MS)], BEGIN_MS) == ()
    assert watch.take("device/d", [peers(0, 1, 1, 6)], "p") == ()  # it is raised already
    assert said(watch.take("device/d", [peers(5, 6, 1, 6)], "p")) == [("device/d", "cleared")]
    watch.take("device/d", [peers(10, 1, 1, 6)], "p")
    gone = watch.replace(Rules(), inventory("d"), BEGIN_MS + 11 * MINUTE)
    assert [(one.status, one.facts) for one in gone] == [("cleared", {"reason": "rule"})]


def test_a_scope_by_the_profile_that_a_device_was_found_to_have(tmp_path: Path) -> None:
    rule = rule_of(
        tmp_path,
        "kind: expression\nfor: 0s\nprofiles: [cisco-iosxe]\nwhen: count(noc_bgp_peer where state < 6) >= 1\n",
    )
    watch = watch_of(rule)
    assert watch.take("device/d", [peers(0, 1)], "p") == ()
    watch.learn_profile("device/d", "cisco-iosxe", BEGIN_MS)
    assert said(watch.take("device/d", [peers(5, 1)], "p")) == [("device/d", "raised")]
    assert said(watch.learn_profile("device/d", "cisco-nxos", BEGIN_MS + 6 * MINUTE)) == [("device/d", "cleared")]


@pytest.mark.parametrize("entity", ["network", "region/africa", "site/s", "device/d"])
def test_a_budget_that_burns(tmp_path: Path, entity: str) -> None:
    rule = rule_of(tmp_path, "kind: burn\nrates: {6h: 6, 1h: 6}\nowner: service desk\n")
    watch = watch_of(rule)

    def told_at(minute: float, hour: float, six: float | None) -> list[tuple[str, str]]:
        return said(watch.take(entity, [rows(minute, "noc_objective", {"burn_1h": hour, "burn_6h": six})], "p"))

    assert told_at(0, 20, 5.9) == []
    assert told_at(2, 20, 6.0) == [(entity, "raised")]
    assert told_at(4, 4, 5.0) == []
    assert told_at(6, 2.9, 5.0) == [(entity, "cleared")]


def test_a_budget_that_is_gone_is_told_once(tmp_path: Path) -> None:
    watch = watch_of(rule_of(tmp_path, "kind: burn\nleft: 0\n"))

    def told_at(minute: float, left: float | None) -> list[tuple[str, str]]:
        return said(watch.take("network", [rows(minute, "noc_objective", {"budget_left_pct": left})], "p"))

    assert told_at(0, 0.1) == []
    assert told_at(2, 0.0) == [("network", "raised")]
    assert told_at(4, -30.0) == told_at(6, None) == told_at(8, -31.0) == []
    assert told_at(10, 100.0) == [("network", "cleared")]  # the next month


def test_a_budget_of_others_is_not_asked_for(tmp_path: Path) -> None:
    watch = watch_of(rule_of(tmp_path, "kind: burn\nof: [network, site]\nrates: {1h: 6}\n"))
    table = rows(0, "noc_objective", {"burn_1h": 9})
    assert watch.take("device/d", [table], "p") == ()
    assert watch.take("region/africa", [table], "p") == ()
    assert said(watch.take("site/s", [table], "p")) == [("site/s", "raised")]
    assert watch.take("site/unknown", [table], "p") == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("when: count(noc_bgp_peer) >= 3 x", "x.yaml:4:32: error: when: unknown unit 'x'"),
        ("when: 'interface.in_pct > 80'", "x.yaml:4:8: error: when: percent is compared with a plain number"),
        ("when: interface.in_pct > 80 %\nclear: interface.in_pct < 9", "x.yaml:5:8: error: clear: percent is compared"),
        ("when: max(interface.in_pct) > 8 %\ntags: {ifName: x}", "x.yaml:5:8: error: 'x' has no tag 'ifName'"),
        ("when: dns_query.rcode_value > 0 and noc_poll.unread_s > 1 h", "no entity has all of these numbers"),
        ("when: interface.in_pct > 8 %\ntags: {ifNam: x}", "x.yaml:5:8: error: 'interface' has no tag 'ifNam' (did"),
    ],
)
def test_a_mistake_stands_where_it_was_made(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "x.yaml").write_text(f"kind: expression\n{HEAD}{text}\nfor: 0s\n")
    (finding,) = load_rules([tmp_path])[1]
    assert wrong in str(finding)
