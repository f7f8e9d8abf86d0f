"""What the centre takes of a tale, and what it refuses."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from alerts.joining import Told
from alerts.tales import Joined
from noc.app.openout import OpenNow, open_in
from noc.app.pollersettings import PollersSettings, groups_of
from noc.app.remotepollers import Heard
from noc.app.remotetales import Tales, speaks_of
from noc.bus.identity import Enrolled
from noc.bus.packing import packed, squeezed
from noc.bus.tales import IncidentTold, Line, NoticeTold, SymptomTold, Tale, digest, written
from noc.clock import ManualClock
from noc.model.incident import Incident
from noc.model.poller import RemotePoller
from noc.state.database import StateError
from tests.unit.alerts.alerting import MINUTE, START, START_MS, inventory

KEY = base64.b64encode(bytes(32)).decode()
KNOWN = inventory("a", "b")
ONE = IncidentTold(
    key="0123456789abcdef",
    there=4,
    entity="device/a",
    rule="device-down",
    origin="status",
    severity="critical",
    policy="standard",
    since_ms=START_MS - MINUTE,
    opened_ms=START_MS,
    lines=(Line(at_ms=START_MS, kind="opened", facts={"why": "down"}),),
    symptoms=(
        SymptomTold(
            entity="interface/a/wan",
            rule="port",
            origin="rule",
            severity="minor",
            policy="",
            since_ms=START_MS,
            joined_ms=START_MS,
        ),
        SymptomTold(
            entity="interface/b/wan",
            rule="port",
            origin="rule",
            severity="minor",
            policy="",
            since_ms=START_MS,
            joined_ms=START_MS,
        ),
    ),
    notices=(
        NoticeTold(
            step=1,
            number=1,
            person="achieng",
            channel="email",
            kind="page",
            created_ms=START_MS,
            state="sent",
            sent_ms=START_MS,
        ),
    ),
)


class Centre:
    """Takes tales of a poller of group `east`. error: raised by the next join."""

    def __init__(self, *, autonomy: bool = True) -> None:
        groups = {"east": {"scope": ["device/a"], "autonomy": autonomy}}
        self.settings = PollersSettings.model_validate({"groups": groups}, strict=False)
        scopes = groups_of(self.settings, KNOWN)
        self.tales = Tales(ManualClock(START), lambda: self.settings, lambda: scopes, lambda: KNOWN, self._join)
        enrolled = Enrolled(poller="nbo-1", group="east", user="nbo-1", key=KEY, at_ms=0, by="x")
        self.known = Heard(enrolled, RemotePoller("nbo-1", "east"))
        self.joined: list[Told] = []
        self.error: Exception | None = None

    async def _join(self, group: Sequence[Told]) -> Joined:
        if self.error is not None:
            raise self.error
        self.joined += group
        return Joined(opened=len(group))

    async def take(self, *told: IncidentTold, poller: str = "nbo-1") -> int | None:
        return await self.tales.take(self.known, written(Tale(poller=poller, number=7, alone_ms=1, incidents=told)))


async def test_what_is_in_scope_is_taken_and_the_rest_refused() -> None:
    centre = Centre()
    assert await centre.take(ONE, msgspec.structs.replace(ONE, entity="device/b")) == 7
    (told,) = centre.joined
    assert (told.incident.entity, told.incident.id, told.origin) == ("device/a", 4, "status")
    assert [one.entity for one in told.symptoms.values()] == ["interface/a/wan"]
    assert (centre.tales.tally.tales, centre.tales.tally.opened, centre.tales.tally.refused) == (1, 1, 1)


async def test_times_are_set_back_by_the_measured_offset_and_marks_stay() -> None:
    centre = Centre()
    await centre.take(ONE)
    centre.known.row = replace(centre.known.row, offset_us=-3_600_000_000)
    await centre.take(ONE)
    assert centre.tales.tally.refused == 1, "an hour later it would be to come"
    centre.known.row = replace(centre.known.row, offset_us=60_000_000)
    await centre.take(ONE)
    first, second = centre.joined
    assert second.incident.since_ms == first.incident.since_ms - MINUTE
    assert [one.at_ms for one in second.lines.values()] == [START_MS - MINUTE]
    assert first.lines.keys() == second.lines.keys()
    assert first.notices.keys() == second.notices.keys()


async def test_of_a_group_without_autonomy_and_of_another_poller_nothing_is_taken() -> None:
    without = Centre(autonomy=False)
    assert await without.take(ONE) == 7
    other = Centre()
    assert await other.take(ONE, poller="bko-1") == 7
    assert (without.joined, other.joined) == ([], [])
    assert (without.tales.tally.refused, other.tales.tally.refused) == (1, 1)


async def test_one_incident_that_cannot_be_read_does_not_keep_the_others() -> None:
    centre = Centre()
    whole = msgspec.msgpack.decode(packed(Tale(poller="nbo-1", number=7, incidents=(ONE, ONE))))
    whole["incidents"][0]["severity"] = "dreadful"
    assert await centre.tales.take(centre.known, squeezed(msgspec.msgpack.encode(whole))) == 7
    assert (len(centre.joined), centre.tales.tally.refused) == (1, 1)


@pytest.mark.parametrize(
    "octets", [b"", b"nonsense", squeezed(b"\x81"), squeezed(b"\xc0"), written(Tale(poller="x", number=1))[:-3]]
)
async def test_what_is_no_tale_is_counted(octets: bytes) -> None:
    centre = Centre()
    assert await centre.tales.take(centre.known, octets) == digest(octets)
    assert centre.tales.tally.refused == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"there": 0},
        {"there": 2**60},
        {"since_ms": START_MS + 10 * MINUTE},
        {"since_ms": -(2**61)},
        {"entity": "device/" + "a" * 300},
        {"policy": "p" * 300},
        {"facts": {"text": "x" * 40_000}},
        {"acknowledged_until_ms": 2**60},
        {"lines": (Line(at_ms=START_MS, kind="note", facts={"text": "x" * 40_000}),)},
    ],
    ids="-".join,
)
async def test_what_can_not_be_is_refused(changes: dict[str, object]) -> None:
    centre = Centre()
    assert await centre.take(msgspec.structs.replace(ONE, **changes)) == 7
    assert (centre.joined, centre.tales.tally.refused) == ([], 1)


async def test_what_cannot_be_written_comes_again_and_a_fault_does_not_keep_back_the_poller() -> None:
    centre = Centre()
    centre.error = StateError("the disk is full")
    assert await centre.take(ONE) is None
    centre.error = RuntimeError("a fault")
    assert await centre.take(ONE) == 7
    assert centre.tales.tally.refused == 1


@pytest.mark.parametrize(
    ("entity", "speaks"),
    [
        ("device/a", True),
        ("device/b", False),
        ("interface/a/wan", True),
        ("peer/b/bgp:192.0.2.1", False),
        ("site/s", True),
        ("site/elsewhere", False),
        ("region/africa", False),
        ("poller/nbo-1", True),
        ("poller/bko-1", False),
        ("shared/power/a", True),
        ("service/mail", False),
        ("circuit/unknown", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_a_poller_speaks_of_its_scope_alone(entity: str, speaks: bool) -> None:
    assert speaks_of(entity, "nbo-1", frozenset({"a"}), KNOWN) is speaks


def test_of_a_storm_a_poller_hears_that_explains_something_of_its_own() -> None:
    storm = Incident(1, "shared/storm/standard/minor", "r", "minor", "", 1, 1, {}, key="k")
    known = [OpenNow(storm, "status", ("device/a", "device/b")), OpenNow(storm, "status", ("device/b",))]
    (one,) = open_in(known, frozenset({"a"}), KNOWN, 5).incidents
    assert one.symptoms == ("device/a",)
