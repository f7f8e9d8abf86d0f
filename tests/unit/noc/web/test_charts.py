from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from noc.i18n.language import language
from noc.model.series import SeriesName
from noc.web.charts import charts_of, title

PING = SeriesName("ping", {"device": "d"}, ("average_response_ms", "percent_packet_loss"))
PORT = SeriesName("interface", {"device": "d", "ifName": "Gi0/0"}, ("in_bps", "out_bps", "ifInErrors"))
SENSOR = SeriesName("noc_sensor", {"device": "d", "oid": "1.3.6", "name": "CPU", "kind": "temperature"}, ("value",))


def test_a_device_without_series_has_no_charts() -> None:
    assert charts_of("d", [], "Gi0/0", "1.3.6") == []


def test_a_device_of_which_no_busiest_interface_is_known_has_no_chart_of_one() -> None:
    assert [chart.title for chart in charts_of("d", [PING, PORT], "", None)] == [
        chart.title for chart in charts_of("d", [PING, PORT], None, None)
    ]


def test_charts_ask_for_the_fields_that_there_are() -> None:
    charts = charts_of("d", [PING, PORT], None, None)
    assert [chart.title for chart in charts] == ["Round-trip time", "Packets lost"]
    assert charts[0].fields == (("average_response_ms", "mean"),)
    assert parse_qs(urlsplit(charts[0].source).query) == {
        "device": ["d"],
        "measurement": ["ping"],
        "field": ["average_response_ms"],
    }


def test_an_interface_and_a_sensor_come_first_where_they_are_asked_for() -> None:
    charts = charts_of("d", [PING, PORT, SENSOR], "Gi0/0 & more", "1.3.6")
    assert [title(chart, language("en")) for chart in charts[:2]] == ["Gi0/0 & more: Traffic", "CPU"]
    assert title(charts[0], language("fr")) == "Gi0/0 & more: Trafic"
    query = parse_qs(urlsplit(charts[0].source).query)
    assert query["tag.ifName"] == ["Gi0/0 & more"]
    assert query["field"] == ["in_bps", "out_bps"]
    assert charts_of("d", [SENSOR], None, "1.2.3") == []


def test_a_chart_of_a_sensor_has_the_unit_of_the_sensor() -> None:
    assert [chart.unit for chart in charts_of("d", [SENSOR], None, "1.3.6", "°C")] == ["°C"]
