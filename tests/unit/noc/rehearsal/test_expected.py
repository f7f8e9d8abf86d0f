"""What a scenario expects, held against what came."""

from __future__ import annotations

import pytest

from noc.app.check import CheckResult
from noc.rehearsal.answer import Outcome
from noc.rehearsal.expected import differences
from noc.rehearsal.run import rehearse, script_of
from noc.settings.yamltext import parse
from tests.rehearsed import configured

SCENARIO = """\
start: 2026-03-01T02:00:00Z
duration: 1h
events: [{{at: 0m, fail: device/goma-1}}, {{at: 50m, restore: device/goma-1}}]
expect: {{{expect}}}
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    return configured(tmp_path_factory.mktemp("noc"))


@pytest.fixture(scope="module")
def outcome(checked: CheckResult) -> Outcome:
    return rehearse(checked, script_of(parse(SCENARIO.format(expect=""), "x.yaml"), checked))


def wrong(checked: CheckResult, outcome: Outcome, expect: str) -> list[str]:
    document = parse(SCENARIO.format(expect=expect), "x.yaml")
    return [str(one) for one in differences(script_of(document, checked).scenario, document, outcome)]


ROOT = "device/goma-1"


@pytest.mark.parametrize(
    "expect",
    [
        "incidents: 1",
        "calls: [{person: achieng, kind: page, by: 5m}, {person: desk, kind: escalation, not_before: 15m}]",
        "pages_at_most: 1",
        "services_up: [service/erp]",
        "calls: [{person: achieng, kind: resolved, channel: email}]",
    ],
)
def test_what_came_as_expected_is_passed_over(checked: CheckResult, outcome: Outcome, expect: str) -> None:
    assert wrong(checked, outcome, expect) == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("incidents: 2", "x.yaml:4:21: error: 2 incidents are expected, there are 1"),
        ("incidents: [{root_cause: site/hub}]", "no incident of site/hub"),
        (
            "calls: [{person: achieng, kind: page, by: 1m}]",
            "a page to achieng by 1m is expected; the nearest is page at",
        ),
        ("calls: [{person: desk, kind: page}]", "a page to desk is expected; the nearest is escalation at"),
        ("not_called: desk", "desk must hear of nothing, but was told: escalation"),
        ("pages_at_most: 0", "achieng is sent 1 pages and escalations, at most 0"),
    ],
)
def test_what_differs_is_told_at_its_place(checked: CheckResult, outcome: Outcome, expect: str, said: str) -> None:
    found = wrong(checked, outcome, expect)
    assert any(said in one for one in found), found
    assert all(one.startswith("x.yaml:4:") for one in found)
