"""What an autonomous poller tells: it comes back as it was, and a newer version's keys don't harm."""

from __future__ import annotations

import msgspec
import pytest

from noc.bus import tales
from noc.bus.packing import PackingError, squeezed
from noc.bus.tales import IncidentTold, Line, NoticeTold, OpenIncidents, OpenThere, SymptomTold, Tale

NOTICE = NoticeTold(
    step=1, number=1, person="achieng", channel="mail", kind="page", created_ms=5, state="sent", sent_ms=7
)
INCIDENT = IncidentTold(
    key="0123456789abcdef",
    there=3,
    entity="device/nbo-rtr-1",
    rule="device-down",
    origin="status",
    severity="critical",
    policy="desk",
    since_ms=1,
    opened_ms=2,
    facts={"status": "down", "failures": 3},
    lines=(Line(at_ms=2, kind="opened", facts={"why": "down"}),),
    symptoms=(
        SymptomTold(
            entity="device/nbo-sw-1",
            rule="device-down",
            origin="status",
            severity="major",
            policy="desk",
            since_ms=1,
            joined_ms=2,
        ),
    ),
    notices=(NOTICE,),
)


def test_a_tale_comes_back() -> None:
    tale = Tale(poller="nbo-1", number=7, alone_ms=1, incidents=(INCIDENT,), more=True)
    assert tales.read_tale(tales.written(tale)) == tale


def test_open_incidents_come_back() -> None:
    one = OpenThere(
        key="0123456789abcdef",
        number=41,
        entity="device/nbo-rtr-1",
        rule="device-down",
        origin="status",
        severity="critical",
        policy="desk",
        since_ms=1,
        opened_ms=2,
        symptoms=("device/nbo-sw-1",),
        told=(NOTICE,),
    )
    assert tales.read_open(tales.written(OpenIncidents(at_ms=9, incidents=(one,)))).incidents == (one,)


def test_keys_of_a_newer_version_are_passed_over() -> None:
    octets = squeezed(msgspec.msgpack.encode({"poller": "nbo-1", "number": 1, "mood": "calm"}))
    assert tales.read_tale(octets) == Tale(poller="nbo-1", number=1)


@pytest.mark.parametrize(
    "octets", [b"", b"\xff", squeezed(b""), squeezed(msgspec.msgpack.encode({"number": "7"}))], ids=range(4)
)
def test_what_is_no_tale_is_refused(octets: bytes) -> None:
    with pytest.raises(PackingError):
        tales.read_tale(octets)
