from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from noc.model.incident import Facts, Incident
from noc.model.instants import to_ms
from noc.model.series import SeriesName
from noc.web.incidentcharts import charts_for, device_of, moment_of
from tests.unit.noc.http.house import INVENTORY, NOW

SINCE_MS = to_ms(NOW - timedelta(hours=5))
RULE: Facts = {
    "measurement": "noc_processor",
    "metric": "usage_pct",
    "tag.name": "cpu0",
    "unit": "percent",
    "value": 97.0,
}
ONE = Incident(1, "device/nbo-rtr-1", "cpu", "major", "standard", SINCE_MS, SINCE_MS, RULE)
NAMES = (
    SeriesName("noc_processor", {"device": "nbo-rtr-1", "name": "cpu0"}, ("usage_pct",)),
    SeriesName("ping", {"device": "nbo-rtr-1"}, ("average_response_ms", "percent_packet_loss")),
)


def test_charts_begin_with_the_number_of_the_rule_and_tell_how_it_was_reached() -> None:
    charts = charts_for(ONE, "nbo-rtr-1", NAMES)
    assert charts[0].source.endswith("device=nbo-rtr-1&measurement=noc_processor&field=usage_pct&tag.name=cpu0")
    assert [chart.title for chart in charts[1:]] == ["Round-trip time", "Packets lost"]


def test_without_a_number_there_is_how_it_was_reached_and_nothing_where_nothing_is_measured() -> None:
    down = replace(ONE, rule="device-down", facts={"status": "down"})
    assert len(charts_for(down, "nbo-rtr-1", NAMES)) == 2
    assert charts_for(down, "nbo-rtr-1", ()) == []


def test_the_time_is_around_the_beginning_and_never_to_come() -> None:
    long_ago = moment_of(ONE, NOW)
    assert (NOW - long_ago.start, NOW - long_ago.stop) == (timedelta(hours=7), timedelta(hours=4))
    fresh = moment_of(replace(ONE, since_ms=to_ms(NOW)), NOW)
    assert fresh.stop == NOW


@pytest.mark.parametrize(
    ("entity", "device"),
    [
        ("device/nbo-rtr-1", "nbo-rtr-1"),
        ("interface/nbo-rtr-1/Gi0/0", "nbo-rtr-1"),
        ("site/brindisi", "bds-rtr-1"),
        ("circuit/nbo-sat", "nbo-rtr-1"),
        ("device/gone", None),
        ("shared/beam/x", None),
    ],
)
def test_an_incident_has_a_device_whose_numbers_tell_most(entity: str, device: str | None) -> None:
    assert device_of(replace(ONE, entity=entity), INVENTORY) == device


def test_the_chart_of_a_rule_is_called_and_measured_as_other_charts_are() -> None:
    (ruled, *_) = charts_for(ONE, "nbo-rtr-1", NAMES)
    assert (ruled.subject, ruled.title, ruled.fields, ruled.unit) == (
        "cpu0",
        "Processors",
        (("usage_pct", "busy"),),
        "%",
    )
    other = replace(ONE, facts={"metric": "noc_pdu.load_a", "unit": "amperes"})
    (drawn,) = charts_for(other, "nbo-rtr-1", [SeriesName("noc_pdu", {"device": "nbo-rtr-1"}, ("load_a",))])
    assert (drawn.subject, drawn.title, drawn.unit) == ("Load a", "", "A")
