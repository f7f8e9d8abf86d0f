"""noc's own figures: names, bounds, and the text that Prometheus reads."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from noc.telemetry import LABEL_VALUES_AT_MOST, Telemetry


def samples(telemetry: Telemetry) -> dict[tuple[str, str], float]:
    text, content_type = telemetry.exposition()
    assert content_type.startswith("text/plain")
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name.startswith("noc_")
    }


def test_figures_are_read_from_their_owners() -> None:
    telemetry, taken = Telemetry(), [0]
    telemetry.counter("results_taken_total", "Results that were taken.", lambda: taken[0])
    telemetry.gauge("spool_bytes", "Bytes that wait on disk.", lambda: 1.5)
    telemetry.gauge_by("incidents", "Open ones.", "severity", lambda: {"critical": 2, "minor": 0})
    telemetry.counter_by("notices_total", "Notices.", "channel", lambda: {'e"mail\n': 7})
    counted = {("snmp", "auth"): 3, ("ssh", "timeout"): 1}
    telemetry.counter_by_all("failures_total", "Failures.", ("check", "kind"), lambda: counted)
    taken[0] = 41
    assert samples(telemetry) == {
        ("noc_results_taken_total", ""): 41,
        ("noc_spool_bytes", ""): 1.5,
        ("noc_incidents", "critical"): 2,
        ("noc_incidents", "minor"): 0,
        ("noc_notices_total", 'e"mail\n'): 7,
        ("noc_failures_total", "snmpauth"): 3,
        ("noc_failures_total", "sshtimeout"): 1,
    }


def test_no_label_has_more_values_than_fit() -> None:
    telemetry = Telemetry()
    telemetry.gauge_by("things", "Things.", "kind", lambda: {f"kind-{number}": 1 for number in range(500)})
    found = samples(telemetry)
    assert len(found) == LABEL_VALUES_AT_MOST
    assert sum(found.values()) == 500
    assert found["noc_things", "other"] == 500 - LABEL_VALUES_AT_MOST + 1


@pytest.mark.parametrize("name", ["", "noc_x", "Depth", "a-b", "1st", "a b"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="can't be the name"):
        Telemetry().gauge(name, "x", lambda: 0)


def test_counters_and_gauges_are_told_apart_by_name() -> None:
    with pytest.raises(ValueError, match="ends with _total"):
        Telemetry().counter("polls", "x", lambda: 0)
    with pytest.raises(ValueError, match="ends with _total"):
        Telemetry().gauge("polls_total", "x", lambda: 0)


def test_a_name_is_told_once() -> None:
    telemetry = Telemetry()
    telemetry.gauge("depth", "x", lambda: 0)
    with pytest.raises(ValueError, match="already"):
        telemetry.gauge("depth", "x", lambda: 0)


def test_two_registries_do_not_meet() -> None:
    one, other = Telemetry(), Telemetry()
    one.gauge("depth", "x", lambda: 1)
    assert samples(other) == {}
    assert b"process_cpu_seconds_total" in other.exposition()[0]
