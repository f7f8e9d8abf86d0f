"""The whole way by SSH on the simulator's server: log in, ask what was recorded; rows equal the expected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from collectors._ports import Doors, Target
from noc import plugins
from noc.clock import SystemClock
from noc.inventory.profiles.cli import load_cli
from noc.inventory.ssh import Backup, SshCheck
from noc.model.check import Check
from noc.model.command import Command, Platform
from noc.model.reading import FailureKind, Reading
from noc.pipeline.cli import CliViews
from noc.settings.secrets import Secret
from noc.simulator.terminal import Console, TerminalServer, User
from noc.wire.cliparser import CliParser
from noc.wire.errors import WireError
from noc.wire.icmp import Pinger
from noc.wire.ssh import HostKeyFiles, HostKeys, Patience, Shell, SshLogin
from tests.live.cli_consoles import SESSION, Recorded
from tests.live.cli_recordings import CliRecording, cli_recordings
from tests.things import device, watch

pytestmark = pytest.mark.live

PASSWORD = "correct-horse"
PATIENCE = Patience(5.0, 20.0, 60.0)


class Devices:
    """A server whose devices come as they are needed, each at an address of its own."""

    def __init__(self, folder: Path) -> None:
        self.consoles: dict[str, Console] = {}
        self.server = TerminalServer(self.consoles.get, User("noc", PASSWORD), folder / "host-key")
        self.shell = Shell(HostKeys(HostKeyFiles(folder / "known_hosts"), "accept-new"), SystemClock())
        self.login = SshLogin("noc", Secret(PASSWORD))

    async def start(self) -> None:
        port = await self.server.open()
        self.login = SshLogin("noc", Secret(PASSWORD), port=port)
        await self.shell.start()

    async def stop(self) -> None:
        await self.shell.stop()
        await self.server.close()

    async def ask(self, console: Console, *commands: Command) -> list[str]:
        self.consoles["127.9.0.1"] = console
        outputs = await self.shell.run("127.9.0.1", self.login, commands, PATIENCE)
        return [output.text for output in outputs]


@pytest.fixture
async def devices(tmp_path: Path) -> AsyncIterator[Devices]:
    made = Devices(tmp_path)
    await made.start()
    yield made
    await made.stop()


def by_platform() -> dict[Platform, list[CliRecording]]:
    found: dict[Platform, list[CliRecording]] = {}
    for recording in cli_recordings():
        found.setdefault(recording.platform, []).append(recording)
    return found


RECORDED = by_platform()


def allowed(recording: CliRecording) -> Command | None:
    try:
        return Command(recording.platform, recording.command)
    except ValueError:
        return None


def test_all_recorded_commands_may_be_asked() -> None:
    assert {one.command for found in RECORDED.values() for one in found if allowed(one) is None} == set()


@pytest.mark.parametrize("platform", sorted(set(RECORDED) - {"linux"}))
async def test_what_was_recorded_is_read_as_expected_the_whole_way(devices: Devices, platform: Platform) -> None:
    parser = CliParser()
    waiting = [one for one in RECORDED[platform] if allowed(one) is not None]
    while waiting:  # one log-in for all commands; a command that was recorded twice is asked in the next
        now = list({one.command: one for one in reversed(waiting)}.values())
        waiting = [one for one in waiting if one not in now]
        console = Recorded(platform, {one.command: one.text for one in now})
        texts = await devices.ask(console, *(Command(platform, one.command) for one in now))
        for one, text in zip(now, texts, strict=True):
            rows = await parser.rows(platform, one.command, text)
            found = [{key: list(c) if isinstance(c, tuple) else c for key, c in row.items()} for row in rows]
            assert found == one.expected, str(one)
        assert set(console.typed) <= {one.command for one in now} | set(SESSION)
    await parser.stop()


@pytest.mark.parametrize("platform", sorted(set(RECORDED) - {"linux"}))
async def test_a_log_in_says_nothing_that_would_change_a_device(devices: Devices, platform: Platform) -> None:
    command = next(Command(platform, one.command) for one in RECORDED[platform] if allowed(one) is not None)
    console = Recorded(platform, {command.text: "something"})
    assert await devices.ask(console, command) == ["something"]
    said = [line for line in console.typed if line != command.text]
    assert set(said) <= set(SESSION)
    assert not any(word in line.split() for line in said for word in ("config", "configure", "conf", "save", "write"))


async def test_pages_of_fortios_are_turned_and_leave_no_seam(devices: Devices) -> None:
    text = "\n".join(f"{'    ' * (number % 3)}set number {number}" for number in range(100))
    console = Recorded("fortinet", {"show": text}, page=23)
    assert await devices.ask(console, Command("fortinet", "show")) == [text]
    assert console.typed == ["show"]


PLAIN = ("nokia-sros", "extreme-exos", "vyos", "hp-procurve")


@pytest.mark.parametrize("platform", PLAIN)
@pytest.mark.parametrize("page", [0, 23])
async def test_on_a_command_line_that_no_code_knows_only_the_commands_are_typed(
    devices: Devices, platform: Platform, page: int
) -> None:
    text = "\n".join(f"{'    ' * (number % 3)}line {number} > of # 100" for number in range(100))
    console = Recorded(platform, {"show system": text, "show version": "Version 1.2"}, page=page)
    commands = (Command(platform, "show system"), Command(platform, "show version"))
    assert await devices.ask(console, *commands) == [text, "Version 1.2"]
    assert [line for line in console.typed if line] == ["show system", "show version"]


class Guarded(Recorded):
    """One that shows more behind `enable` and its password."""

    @property
    def prompt(self) -> str:
        asked = "enable" in self.typed
        return "Password: " if self.typed[-1:] == ["enable"] else f"nbo-x-1{'#' if asked else '>'} "


async def test_an_enable_password_is_typed_where_no_code_knows_the_command_line(devices: Devices) -> None:
    console = Guarded("mine", {"show version": "Version 1.2", "correct-staple": "", "enable": ""})
    devices.login = replace(devices.login, enable_password=Secret("correct-staple"))
    assert await devices.ask(console, Command("mine", "show version")) == ["Version 1.2"]
    assert [line for line in console.typed if line] == ["enable", "correct-staple", "show version"]


MINE = """\
templates: mine_os
configuration: [show running-config]
commands:
  - command: show clock
    checks: [ntp]
    columns: [state]
    sensors:
      - {kind: state, value: state, name: NTP, states: {"yes": [synchronized, ok], "no": [unsynchronized, warning]}}
"""
TEMPLATE = "Value STATE (\\w+)\n\nStart\n  ^synchronized: ${STATE} -> Record\n"


async def test_a_new_platform_of_one_file_is_asked_read_and_copied(devices: Devices, tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "mine.yaml").write_text(MINE)
    (tmp_path / "cli" / "mine_os_show_clock.textfsm").write_text(TEMPLATE)
    catalogue, findings = load_cli([tmp_path])
    assert findings == []
    devices.consoles["127.9.0.1"] = Recorded(
        "mine", {"show clock": "synchronized: no", "show running-config": "hostname x"}
    )
    doors = Doors(SystemClock(), "test", {}, Pinger(), devices.shell, CliParser([tmp_path / "cli"]))
    watched = watch(ssh=SshCheck(platform="mine", checks=("ntp",)), backup=Backup())
    asked = device(address="127.9.0.1", watched=watched)
    mine = catalogue["mine"]
    for kind in ("ssh", "backup"):
        check = Check(asked.entity, kind, 300.0, 60.0)
        target = Target(check, asked, ssh=devices.login, platform="mine", commands=mine.commands, cli=mine)
        reading: Reading = await plugins.load("collectors", kind).build(doors).collect(target)
        assert (reading.failure, reading.parts) == (None, ())
        if kind == "backup":
            assert [answer.text for answer in reading.ssh or ()] == ["hostname x"]
            continue
        told = CliViews(lambda: catalogue).take_ssh(asked.entity, reading)
        assert told is not None
        assert [(one.name, one.text, one.status) for one in told[1].sensors] == [("NTP", "unsynchronized", "warning")]
    await doors.parser.stop()


async def test_a_wrong_password_and_a_device_that_is_off_are_told_apart(devices: Devices) -> None:
    devices.consoles["127.9.0.1"] = Recorded("cisco-ios", {})
    wrong = SshLogin("noc", Secret("wrong"), port=devices.login.port)
    with pytest.raises(WireError, match="was refused") as refused:
        await devices.shell.run("127.9.0.1", wrong, [Command("cisco-ios", "show clock")], PATIENCE)
    assert refused.value.kind is FailureKind.AUTH
    with pytest.raises(WireError) as off:
        await devices.shell.run("127.9.0.2", devices.login, [Command("cisco-ios", "show clock")], PATIENCE)
    assert off.value.kind in (FailureKind.PROTOCOL, FailureKind.TIMEOUT)
