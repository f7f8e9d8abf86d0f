"""`noc poll` against agents that are not there, silent, or talk nonsense: exit codes, and JSON as one document."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass

import pytest

from noc.wire.ber import Tag
from tests.agents import faults
from tests.agents.device import IF_ENTRY, SYS_DESCR, SYS_NAME, device
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Done:
    code: int | None
    stdout: str
    stderr: str


async def noc_poll(port: int, *arguments: str) -> Done:
    program = ["-c", "from noc.cli import main; main()", "poll", "127.0.0.1", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, "--timeout", "0.2", "--retries", "1", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    return Done(process.returncode, stdout.decode(), stderr.decode())


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        pytest.param(None, 3, "no SNMP agent listens there", id="nobody"),
        pytest.param(faults.Silent(), 3, "no answer to the GET", id="silent"),
        pytest.param(faults.Damaged(faults.garbage), 1, "can't be understood", id="garbage"),
        pytest.param(faults.Damaged(faults.truncated), 1, "can't be understood", id="truncated"),
    ],
)
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_poll_that_fails_tells_by_its_exit_code(fault: Fault | None, code: int, words: str, version: str):
    agent = Agent(device(), fault)
    async with serving(agent):
        port = agent.port
        if fault is None:
            assert agent.transport is not None
            agent.transport.close()
            await asyncio.sleep(0)
        done = await noc_poll(port, "--snmp-version", version, "--json")
        plain = await noc_poll(port, "--snmp-version", version)
    assert done.code == plain.code == code
    document = json.loads(done.stdout)
    assert document["interfaces"] == []
    assert words in document["errors"][0]["reason"]
    assert words in done.stderr
    assert plain.stdout == ""
    assert words in plain.stderr
    assert "Traceback" not in done.stderr + plain.stderr


async def test_a_poll_that_ends_half_way_shows_what_it_read():
    async with serving(Agent(device(5), faults.Silent(9))) as agent:
        done = await noc_poll(agent.port, "--json")
    assert done.code == 1
    document = json.loads(done.stdout)
    assert document["device"]["sys_name"] == "edge-1"
    assert len(document["interfaces"]) == 5
    assert "no answer" in document["errors"][0]["reason"]


async def test_hostile_text_does_not_drive_the_terminal():
    objects = device(2) | {
        SYS_DESCR: (Tag.OCTET_STRING, b"\x1b]0;owned\x07\x1b[2J\r\n\x00\x9b31m"),
        SYS_NAME: (Tag.OCTET_STRING, b"\x1b[31mred\xff\xfe\xe2\x80\xae"),
        (*IF_ENTRY, 2, 1): (Tag.OCTET_STRING, b"\x1b[8mhidden, \xc2\x9b2J"),
    }
    for arguments in ((), ("--json",), ("--line-protocol",)):
        async with serving(Agent(objects)) as agent:
            done = await noc_poll(agent.port, *arguments)
        assert done.code == 0, done.stderr
        assert done.stderr == ""
        if arguments == ("--json",):
            assert json.loads(done.stdout)["device"]["sys_descr"].startswith("\x1b]0;owned")
            assert "\x1b" not in done.stdout
        else:
            assert {character for character in done.stdout if not character.isprintable()} == {"\n"}, arguments
