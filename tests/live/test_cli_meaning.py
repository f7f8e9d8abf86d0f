"""What the recorded answers of command lines mean: who the device is, sensors and rows, with states that are known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from noc.inventory.profiles.cli import load_cli
from noc.inventory.shipped import shipped
from noc.model.reading import Reading, SshAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.cli import CliViews
from noc.wire.cliparser import CliParser
from tests.live.cli_recordings import CliRecording, cli_recordings

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

CATALOGUE, _ = load_cli([shipped("profiles")])
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ASKED = [
    one
    for one in cli_recordings()
    if any(known.command.text == one.command for known in CATALOGUE[one.platform].commands)
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[CliParser]:
    parser = CliParser([shipped("profiles").absolute() / "cli"])
    yield parser
    await parser.stop()


async def told(reader: CliParser, recording: CliRecording) -> Snapshot:
    known = CATALOGUE[recording.platform]
    how = next(one for one in known.commands if one.command.text == recording.command)
    rows = await reader.rows(recording.platform, recording.command, recording.text, how.template, known.templates)
    given = SshAnswer(recording.platform, recording.command, recording.text, 0.1, rows)
    found = CliViews(lambda: CATALOGUE).take_ssh("device/a", Reading("ssh", "192.0.2.1", "x", NOW, 0.5, ssh=(given,)))
    assert found is not None
    return found[1]


@pytest.mark.parametrize("recording", ASKED, ids=str)
async def test_a_recorded_answer_means_something_and_no_state_of_it_is_unknown(
    reader: CliParser, recording: CliRecording
) -> None:
    view = await told(reader, recording)
    rows = [row for found in view.records.values() for row in found]
    assert view.sensors or rows or view.device.version or view.device.model or view.device.serial
    assert [one.name for one in view.sensors if one.kind == "state" and one.status == "unknown"] == []
    assert [row for row in rows if "state" in row and row["state"] is None] == []


async def test_what_is_marked_as_recorded_is() -> None:
    if not ASKED:
        pytest.skip("no recordings: set NOC_RECORDINGS")
    recorded = {(one.platform, one.command) for one in ASKED}
    recorded |= {("cisco-iosxe", command) for platform, command in recorded if platform == "cisco-ios"}
    marked = {
        (platform, one.command.text)
        for platform, known in CATALOGUE.items()
        for one in known.commands
        if one.proof == "recording"
    }
    assert marked == recorded


def one_of(platform: str, command: str) -> CliRecording:
    found = [one for one in ASKED if (one.platform, one.command) == (platform, command)]
    if not found:
        pytest.skip("no recordings: set NOC_RECORDINGS")
    return found[0]


async def test_peers_of_pan_os_have_a_state_and_their_virtual_router(reader: CliParser) -> None:
    view = await told(reader, one_of("paloalto-panos", "show routing protocol bgp summary"))
    assert [(row["peer"], row["remote_as"], row["state"], row["vrf"]) for row in view.records["bgp_peers"]][:2] == [
        ("192.168.1.1", 65253, "established", "VR_HANDOFF"),
        ("192.168.1.2", 65301, "established", "VR_HANDOFF"),
    ]


async def test_tunnels_of_ios_and_asa_are_rows_with_a_status(reader: CliParser) -> None:
    view = await told(reader, one_of("cisco-ios", "show crypto session detail"))
    found = [(row["name"], row["peer"], row["oper_status"]) for row in view.records["vpn_tunnels"]]
    assert found[:2] == [
        ("Tunnel1201 10.161.255.14", "10.161.255.14", "down"),
        ("Tunnel1101 192.168.0.1", "192.168.0.1", "up"),
    ]
    view = await told(reader, one_of("cisco-asa", "show vpn-sessiondb detail l2l"))
    (row, *_) = view.records["vpn_tunnels"]
    assert (row["name"], row["peer"], row["oper_status"]) == ("172.16.0.1", "172.16.0.1", "up")
    assert (row["in_octets"], row["out_octets"]) == (875049248, 48484156)


async def test_a_fortigate_tells_its_version_apart_from_its_model(reader: CliParser) -> None:
    device = (await told(reader, one_of("fortinet", "get system status"))).device
    assert (device.version, device.model) == ("6.0.7", "FortiGate-1500D")
