"""What comes of a Reading: transitions of liveness alone, samples of everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from noc.availability.policy import ProbePolicy
from noc.inventory.profiles.compiled import Object, Profile, SensorSpec, Text, Value
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.reading import ConnectAnswer, Failure, FailureKind, PingAnswer, Reading, SnmpAnswer
from noc.pipeline.ingest import Ingest
from noc.pipeline.status import Statuses

PROFILES, _ = kept_profiles([shipped("profiles")])
ENTITY = "device/nbo-rtr-1"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVENESS = Check(ENTITY, "icmp", 60.0, 10.0, liveness=True)
POLL = Check(ENTITY, "snmp", 300.0, 60.0)
SILENT = Failure(FailureKind.TIMEOUT, "no answer")


def ingest() -> Ingest:
    statuses = Statuses()
    statuses.watch({ENTITY: ProbePolicy.probed_every(60_000)})
    return Ingest(PROFILES, statuses, lambda _: {"site": "nairobi", "region": "africa"})


def ping(minute: int, *rtts_s: float | None) -> Reading:
    failure = None if any(rtt is not None for rtt in rtts_s) else SILENT
    at = NOON + timedelta(minutes=minute)
    return Reading("icmp", "192.0.2.1", "brindisi", at, 0.1, failure, ping=PingAnswer(rtts_s))


def test_liveness_becomes_transitions_with_who_saw_it() -> None:
    entrance = ingest()
    (up,) = entrance.take(LIVENESS, ping(0, 0.6)).transitions
    assert (up.entity, up.status, up.poller, up.check) == (ENTITY, "up", "brindisi", "icmp")
    assert [len(entrance.take(LIVENESS, ping(minute, None)).transitions) for minute in (1, 2, 3)] == [0, 0, 1]


def test_a_poll_that_fails_is_no_evidence_of_down() -> None:
    entrance = ingest()
    entrance.take(LIVENESS, ping(0, 0.6))
    for minute in range(1, 10):
        reading = Reading("snmp", "192.0.2.1", "brindisi", NOON + timedelta(minutes=minute), 6.0, SILENT)
        assert entrance.take(POLL, reading).transitions == ()


def test_a_burst_becomes_loss_and_times() -> None:
    (table,) = ingest().take(LIVENESS, ping(0, 0.010, None, 0.014, 0.012)).samples
    values = dict(zip(table.field_keys, table.values[0], strict=True))
    assert table.measurement == "ping"
    assert dict(zip(table.tag_keys, table.tags[0], strict=True)) == {
        "url": "192.0.2.1",
        "site": "nairobi",
        "region": "africa",
    }
    assert values == pytest.approx(
        {
            "packets_transmitted": 4.0,
            "packets_received": 3.0,
            "percent_packet_loss": 25.0,
            "minimum_response_ms": 10.0,
            "average_response_ms": 12.0,
            "maximum_response_ms": 14.0,
            "standard_deviation_ms": 1.632993,
            "jitter_ms": 3.0,
        }
    )


def test_a_burst_without_a_reply_is_all_loss_and_no_times() -> None:
    (table,) = ingest().take(LIVENESS, ping(0, None, None)).samples
    values = dict(zip(table.field_keys, table.values[0], strict=True))
    assert values["percent_packet_loss"] == 100.0
    assert values["average_response_ms"] is None


def test_a_connection_becomes_its_time_and_a_refusal_its_code() -> None:
    check = Check(ENTITY, "tcp", 60.0, 10.0, liveness=True)
    accepted = Reading("tcp", "192.0.2.1", "p", NOON, 0.1, connect=ConnectAnswer(22, 0.05))
    refused = Reading("tcp", "192.0.2.1", "p", NOON, 0.1, Failure(FailureKind.REFUSED, "closed"))
    assert ingest().take(check, accepted).samples[0].values == ((0.05, 0.0),)
    assert ingest().take(check, refused).samples[0].values == ((None, 2.0),)


def test_a_poll_becomes_a_snapshot_and_its_numbers() -> None:
    answer = SnmpAnswer("generic", {"sysName": b"nbo-rtr-1", "sysUpTime": 6000}, {})
    reading = Reading("snmp", "192.0.2.1", "brindisi", NOON, 0.2, snmp=answer)
    ingested = ingest().take(POLL, reading)
    assert ingested.snapshot is not None
    assert ingested.snapshot.device.sys_name == "nbo-rtr-1"
    assert [table.measurement for table in ingested.samples] == ["snmp"]


def test_the_second_poll_carries_rates_beside_the_counters() -> None:
    entrance = ingest()

    def poll(minute: int, octets: int) -> Reading:
        tables = {
            "ifTable": {(1,): {"ifDescr": b"eth0", "ifOperStatus": 1, "ifAdminStatus": 1}},
            "ifXTable": {(1,): {"ifName": b"eth0", "ifHCInOctets": octets, "ifHighSpeed": 1000}},
        }
        answer = SnmpAnswer("generic", {"sysUpTime": 6000 * minute + 100_000}, tables)
        at = NOON + timedelta(minutes=minute)
        return Reading("snmp", "192.0.2.1", "brindisi", at, 0.2, snmp=answer)

    def fields(reading: Reading) -> dict[str, float | None]:
        table = next(table for table in entrance.take(POLL, reading).samples if table.measurement == "interface")
        return dict(zip(table.field_keys, table.values[0], strict=True))

    assert "in_bps" not in fields(poll(0, 1000))
    second = fields(poll(1, 1000 + 7500))
    assert second["ifHCInOctets"] == 8500.0
    assert second["in_bps"] == pytest.approx(1000.0)
    entrance.forget(ENTITY)
    assert "in_bps" not in fields(poll(2, 20_000))


def test_a_sensor_has_one_name_whether_its_namesake_was_read_now_or_earlier() -> None:
    slow, quick = Object("slow", "1.3.1", "integer"), Object("quick", "1.3.2", "integer")
    specs = tuple(SensorSpec("count", None, Value(thing), (thing,), Text(("Load",))) for thing in (slow, quick))
    profile = Profile("p", "P", (), {}, (slow, quick), (), specs)
    one = Ingest({"p": profile}, Statuses(), lambda _: {})

    def names(**ages_s: float) -> list[str]:
        answer = SnmpAnswer("p", {"slow": 1, "quick": 2}, ages_s=ages_s)
        taken = one.take(POLL, Reading("snmp", "192.0.2.1", "brindisi", NOON, 1.0, snmp=answer)).samples
        (table,) = (table for table in taken if table.measurement == "noc_sensor")
        return [tags[table.tag_keys.index("name")] for tags in table.tags]

    assert names() == ["Load (1.3.1.0)", "Load (1.3.2.0)"]
    assert names(slow=60.0) == ["Load (1.3.2.0)"]
