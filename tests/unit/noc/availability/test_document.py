from __future__ import annotations

import json
from fractions import Fraction

from noc.availability.document import COLUMNS, SUM_COLUMNS, document, rows
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.replay import Answer, replay
from noc.availability.times import parse

NOON = parse("2026-03-01T12:00:00Z")
PERIOD = Period(NOON, NOON + 90_500)


def answer(*, weight: Fraction = Fraction(1)) -> Answer:
    policy = Policy(
        ProbePolicy.probed_every(30_000, confirm_down=1),
        sites={"site/x": ["device/a"]},
        regions={"region/r": ["site/x"]},
        weights={"site/x": weight},
    )
    series = [(NOON, True), (NOON + 30_000, False), (NOON + 60_500, True), (NOON + 90_500, True)]
    return replay({"device/a": series}, policy, PERIOD)


def test_the_form_of_the_answer() -> None:
    found = document(answer())
    assert list(found) == ["from", "to", "entities", "network"]
    assert (found["from"], found["to"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:01:30.500Z")
    assert list(found["entities"]) == ["device/a", "site/x", "region/r"]
    device = found["entities"]["device/a"]
    assert list(device) == [*COLUMNS, "intervals"]
    assert device["intervals"] == [
        {"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T12:00:30Z", "state": "up"},
        {"from": "2026-03-01T12:00:30Z", "to": "2026-03-01T12:01:00.500Z", "state": "down"},
        {"from": "2026-03-01T12:01:00.500Z", "to": "2026-03-01T12:01:30.500Z", "state": "up"},
    ]
    assert list(found["entities"]["region/r"]) == list(found["network"]) == list(SUM_COLUMNS)
    assert json.loads(json.dumps(found)) == found


def test_seconds_and_percent_are_not_rounded() -> None:
    device = document(answer())["entities"]["device/a"]
    assert device["down_s"] == device["longest_outage_s"] == device["mttr_s"] == 30.5
    assert device["up_s"] == device["mtbf_s"] == 60.0
    assert device["availability_pct"] == float(Fraction(6_000_000, 90_500))
    assert document(answer(weight=Fraction(1, 10)))["network"]["down_s"] == 3.05


def test_what_can_not_be_said_is_null() -> None:
    empty = document(replay({}, Policy(ProbePolicy(1, 1), sites={"site/x": []}), PERIOD))
    assert empty["network"]["availability_pct"] is None
    assert empty["entities"]["site/x"]["mttr_s"] is None
    assert empty["entities"]["site/x"]["mtbf_s"] is None
    assert empty["entities"]["site/x"]["outages"] == 0


def test_rows_end_with_the_network() -> None:
    found = dict(rows(answer()))
    assert list(found) == ["device/a", "site/x", "region/r", "network"]
    assert list(found["device/a"]) == list(COLUMNS)
    assert found["network"] == document(answer())["network"]
