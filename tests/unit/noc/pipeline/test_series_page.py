"""docs/reference/series.md names each measurement, tag and field that is written: no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.availability.figures import Durations
from noc.availability.objectives import Targets, standing
from noc.availability.policy import Period
from noc.inventory.endpoints import (
    DnsProbe,
    Endpoint,
    HttpProbe,
    NtpProbe,
    Probe,
    SmtpProbe,
    TcpProbe,
    TlsProbe,
)
from noc.inventory.entities import Service, ServicePlace
from noc.inventory.formula import Formula
from noc.model.poller import RemotePoller
from noc.model.reading import ConnectAnswer, Failure, FailureKind, HostKeyChange, PingAnswer, Reading
from noc.model.replies import Certificate, DnsReply, HttpReply, NtpReply, Reply, SmtpReply, TcpReply, TlsReply
from noc.model.samples import Samples
from noc.model.snapshot import (
    RECORD_FIELDS,
    SATELLITE_FIELDS,
    Counters,
    DeviceIdentity,
    Interface,
    Scalar,
    Sensor,
    Snapshot,
)
from noc.pipeline import refusals
from noc.pipeline.endpointseries import endpoint_samples, endpoint_tags
from noc.pipeline.interfaces import ADMIN_STATUS, OPER_STATUS
from noc.pipeline.normalise import samples
from noc.pipeline.objectiveseries import objective_samples
from noc.pipeline.pollerseries import poller_samples
from noc.pipeline.probes import backup_samples, poll_samples, probe_samples
from noc.pipeline.rates import RATE_FIELDS
from noc.pipeline.services import ServiceNow
from noc.pipeline.serviceseries import service_samples
from tests.things import WATCH

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "series.md").read_text()
STANDING = standing(Targets().network, Period(0, 1), 0, so_far=Durations(), adjusted=Durations(), agreed=1, burns={})
OF_APPLICATIONS = ("device", "site", "region")
BASE = ("agent_host", "hostname")
DEVICE = DeviceIdentity("192.0.2.1", None, "core", None, 1.0, None, None, None, None, None, None, "p")
PORT = Interface(1, "ge0", "ge0", None, 6, 10**9, 1500, None, "up", "up", None, None, True, Counters(*[1] * 12))
STATES = {"bgp_peers": "idle", "ospf_neighbors": "down", "isis_adjacencies": "down"}


def record(name: str) -> dict[str, Scalar]:
    """Return a row of a list with a number in every field, words where only words can be."""
    return {key: STATES.get(name, "x") if key == "state" else 1 for key in RECORD_FIELDS[name]}


def written() -> dict[str, set[tuple[str, str]]]:
    """Return all that can be written: (name, tag or field) by measurement."""
    satellite: dict[str, Scalar] = {name: 1.0 for name in SATELLITE_FIELDS if name not in ("modcod", "state")}
    taken = Snapshot(
        DEVICE,
        (PORT, replace(PORT, if_index=2, wide=False)),
        (Sensor("temperature", "0", "x", 1.0, None, "celsius", "1.3", "ok"),),
        {name: (record(name),) for name in RECORD_FIELDS},
        satellite,
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for table in samples(taken, datetime(2026, 3, 1, tzinfo=UTC), None, {1: dict.fromkeys(RATE_FIELDS, 1.0)}):
        assert table.tag_keys[: len(BASE)] == BASE
        names = found.setdefault(table.measurement, set())
        names |= {(key, "tag") for key in table.tag_keys[len(BASE) :]}
        names |= {(key, "field") for key in table.field_keys}
    looks = [reading("icmp", ping=PingAnswer((0.1,))), reading("tcp", connect=ConnectAnswer(22, 0.1))]
    tables = [table for look in looks for table in probe_samples(look, {"vantage": "nairobi"})]
    tables += probe("ssh", host_key=HostKeyChange("old", "new"), failure=Failure(FailureKind.AUTH, "changed"))
    tables.append(poll_samples(reading("snmp"), {}, 1.0))
    tables.append(backup_samples(reading("backup"), {}, 1.0, 1.0, ok=True))
    for table in tables:
        found[table.measurement] = {(key, "tag") for key in table.tag_keys}
        found[table.measurement] |= {(key, "field") for key in table.field_keys}
    found[refusals.MEASUREMENT] = {(refusals.FIELD, "field")}
    for name, table in of_applications():
        tags = {(key, "tag") for key in table.tag_keys} - {(key, "tag") for key in OF_APPLICATIONS}
        found.setdefault(name, set()).update(tags | {(key, "field") for key in table.field_keys})
    return found


def of_applications() -> Iterator[tuple[str, Samples]]:
    """Yield what is written of end points and of a service."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    certificate = Certificate("CN=a", "CN=b", at, at)
    cases: list[tuple[str, Probe, Reply]] = [
        (
            "http",
            HttpProbe(url="http://a/"),
            HttpReply("http://a/", 200, {}, "", 0, 0.1, 0.1, 0, None, None, certificate),
        ),
        ("dns", DnsProbe(server="a", name="b"), DnsReply("NOERROR", (), 0.1, 1)),
        ("tls", TlsProbe(host="a"), TlsReply(certificate, "TLSv1.3", 0.1)),
        ("ntp", NtpProbe(host="a"), NtpReply(0.1, 0.1, 1, 0, 0.1, "GPS")),
        ("smtp", SmtpProbe(host="a"), SmtpReply(220, "a", 0.1, ())),
        ("tcp", TcpProbe(host="a", port=1), TcpReply(0.1)),
    ]
    for kind, probed, reply in cases:
        endpoint = Endpoint("e", "e", "s", None, kind, probed, WATCH, (), ())
        for table in endpoint_samples(endpoint, reading(kind, reply=reply), endpoint_tags(endpoint, "r"), ()):
            assert set(OF_APPLICATIONS) <= set(table.tag_keys)
            assert None not in table.values[0]
            yield table.measurement, table
    formula = Formula(any_of=("device/a",))
    service = Service(id="s", name="s", places={"x": ServicePlace(formula=formula)})
    table = service_samples(service, ServiceNow("up", 1, "x", 1, None), at)
    yield table.measurement, table
    objective = objective_samples([("service/s", {}, STANDING)], at)
    yield objective.measurement, objective
    poller = poller_samples(RemotePoller("p", "g", offset_us=1, error_us=1), at)
    yield poller.measurement, poller


def reading(check: str, **answer: object) -> Reading:
    return Reading(check, "192.0.2.1", "here", datetime(2026, 3, 1, tzinfo=UTC), 0.1, **answer)  # type: ignore[arg-type]


def probe(check: str, **answer: object) -> tuple[Samples, ...]:
    return probe_samples(reading(check, **answer), {})


WRITTEN = written()


def narrow(names: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(name.replace("ifHC", "if"), sort) for name, sort in names}


def told(measurement: str) -> list[tuple[str, str, str]]:
    """Return the rows (name, tag or field, meaning) of a measurement's section."""
    section = re.search(rf"^### {measurement}\n(.*?)(?=^##+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/reference/series.md has no section '{measurement}'"
    return re.findall(r"^\| `(\w+)` \| (tag|field) \| (.+) \|$", section[1], re.MULTILINE)


def test_the_page_has_a_section_for_each_measurement() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == WRITTEN.keys()


@pytest.mark.parametrize("measurement", WRITTEN)
def test_a_section_has_a_row_for_each_tag_and_field(measurement: str) -> None:
    rows = told(measurement)
    names = {(name, sort) for name, sort, _ in rows}
    assert len(names) == len(rows)
    expected = WRITTEN[measurement]
    if measurement == "interface":
        names |= narrow(names)  # the page says so in words
    assert names == expected
    assert all(len(meaning) > 3 for _, _, meaning in rows)


@pytest.mark.parametrize("key", BASE)
def test_the_tags_of_all_rows_are_told(key: str) -> None:
    assert f"| `{key}` |" in PAGE


@pytest.mark.parametrize(("field", "words"), [("ifAdminStatus", ADMIN_STATUS), ("ifOperStatus", OPER_STATUS)])
def test_the_numbers_of_a_status_are_told(field: str, words: dict[int, str]) -> None:
    meaning = {name: meaning for name, _, meaning in told("interface")}[field]
    assert meaning == ", ".join(f"{number} {word}" for number, word in words.items())


@pytest.mark.parametrize(
    ("measurement", "name"), [("noc_bgp_peer", "bgp_peers"), ("noc_ospf_neighbor", "ospf_neighbors")]
)
def test_the_numbers_of_a_state_are_told(measurement: str, name: str) -> None:
    meaning = {field: meaning for field, _, meaning in told(measurement)}["state"]
    for number, word in re.findall(r"(\d) (\w+)", meaning):
        row = {**record(name), "state": word}
        table = next(
            table
            for table in samples(Snapshot(DEVICE, records={name: (row,)}), datetime(2026, 3, 1, tzinfo=UTC))
            if table.measurement == measurement
        )
        assert dict(zip(table.field_keys, table.values[0], strict=True))["state"] == float(number)
