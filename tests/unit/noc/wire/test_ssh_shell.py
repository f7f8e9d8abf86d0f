"""The shell service, as far as it needs no server."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.command import Command
from noc.model.errors import InputError
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell, SshLogin

LOGIN = SshLogin("noc")


def shell(folder: Path, given: Path | None = None) -> Shell:
    return Shell(HostKeys(HostKeyFiles(folder / "known_hosts", given), "strict"), SystemClock())


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_one_conversation_has_one_platform(tmp_path: Path) -> None:
    mixed = [Command("linux", "uptime"), Command("cisco-ios", "show version")]
    for commands in ([], mixed):
        with pytest.raises(ValueError, match="one conversation needs commands, and all of one platform"):
            await shell(tmp_path).run("192.0.2.1", LOGIN, commands)


async def test_a_wrong_known_hosts_file_stops_the_start(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("* broken\n")
    with pytest.raises(InputError, match="given:1:1: error: not a line of known_hosts"):
        await shell(tmp_path, given).start()


async def test_the_constructor_and_a_stop_do_nothing(tmp_path: Path) -> None:
    service = shell(tmp_path, tmp_path / "absent")
    await service.stop()
    assert service.sessions == 0
    assert files(tmp_path) == []
