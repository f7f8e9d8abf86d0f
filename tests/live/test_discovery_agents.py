"""Discovery against agents and servers that do wrong: nobody is locked out, nothing hostile comes through."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.discovery.finder import Finder
from noc.discovery.identify import only_identity
from noc.discovery.probe import Manner, Prober
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, User
from noc.wire.sshbanner import ssh_banner
from tests.agents.device import device
from tests.agents.faults import Damaged, Silent, garbage
from tests.agents.snmp import Agent, Fault, serving
from tests.live.conftest import free_udp_port
from tests.live.towns import agent_on

pytestmark = pytest.mark.live

PROFILES = only_identity(kept_profiles([shipped("profiles")])[0])


@pytest.fixture
def v3_port(tmp_path: Path) -> Iterator[int]:
    """The port of a snmpd at 127.78.0.3 that knows users, and none of those that these tests try."""
    port = free_udp_port()
    with contextlib.ExitStack() as stack:
        agent_on(stack, tmp_path, "stranger", port, "127.78.0.3", community="other")
        yield port


def finder(port: int, *communities: str, wrong: int = 3, users: tuple[User, ...] = ()) -> Finder:
    sets: list[tuple[str, Community | User]] = [(name, Community(name)) for name in communities]
    sets += [(user.name, user) for user in users]
    manner = Manner(timeout_s=0.2, snmp_port=port, ssh_port=1, wrong_log_ins=wrong, ping=False)
    return Finder(Prober(Pinger(wanted=False), sets, manner), PROFILES, SystemClock(), lambda _: None)


@pytest.mark.parametrize("allowed", [1, 2, 3, 5])
async def test_no_agent_sees_more_wrong_log_ins_than_allowed(allowed: int) -> None:
    async with serving(Agent(device(), community=b"nobody knows")) as agent:
        asked = await finder(agent.port, "a", "b", "c", "d", wrong=allowed).ask("127.0.0.1")
        assert agent.refused_packets == allowed == asked.wrong
    assert asked.found is None
    assert asked.untried == ("a", "b", "c", "d")[allowed:]


async def test_sets_are_tried_in_order_until_one_is_accepted() -> None:
    async with serving(Agent(device(), community=b"c")) as agent:
        asked = await finder(agent.port, "a", "b", "c", "d").ask("127.0.0.1")
        assert agent.refused_packets == 2
    assert asked.found is not None
    assert (asked.found.credentials, asked.wrong, asked.untried) == ("c", 2, ())


async def test_wrong_users_are_counted_and_an_address_without_an_engine_sees_none(v3_port: int) -> None:
    users = tuple(User(f"nobody-{number}", "SHA-256", "not-the-key-1") for number in range(5))
    asked = await finder(v3_port, users=users, wrong=2).ask("127.78.0.3")
    assert (asked.wrong, asked.untried) == (2, ("nobody-2", "nobody-3", "nobody-4"))
    async with serving(Agent(device(), Silent())) as agent:
        asked = await finder(agent.port, users=users, wrong=2).ask("127.0.0.1")
        assert (asked.wrong, asked.found) == (0, None)


@pytest.mark.parametrize("fault", [Damaged(garbage), Silent()])
async def test_an_agent_of_garbage_ends_nothing(fault: Fault) -> None:
    async with serving(Agent(device(), fault)) as agent:
        asked = await finder(agent.port, "public").ask("127.0.0.1")
    assert asked.found is None or asked.found.sys_name is None


async def test_hostile_names_are_tamed() -> None:
    objects = dict(device())
    name = (1, 3, 6, 1, 2, 1, 1, 5, 0)
    objects[name] = (objects[name][0], b"\x1b]0;evil\x07<script>\r\n" + b"A" * 60_00)
    async with serving(Agent(objects, max_size=65_000)) as agent:
        asked = await finder(agent.port, "public").ask("127.0.0.1")
    assert asked.found is not None
    said = asked.found.sys_name
    assert said is None or (said.isprintable() and len(said) <= 255)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"SSH-2.0-Cisco-1.25\r\n", "SSH-2.0-Cisco-1.25"),
        (b"Authorised use only\r\n\r\nSSH-1.99-x\n", "SSH-1.99-x"),
        (b"SSH-2.0-\x1b[2J\xff\n", "SSH-2.0-\x1b[2J\ufffd"),
        (b"220 mail.example.org ESMTP\r\n", FailureKind.PROTOCOL),
        (b"A" * 100_000, FailureKind.PROTOCOL),
        (b"line\n" * 1_000, FailureKind.PROTOCOL),
        (b"SSH-2.0-" + b"x" * 1_000 + b"\n", FailureKind.PROTOCOL),
        (b"", FailureKind.PROTOCOL),
    ],
)
async def test_only_the_version_line_of_ssh_is_read(said: bytes, found: str | FailureKind) -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.write_eof()
            heard.extend(await reader.read())
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        if not isinstance(found, FailureKind):
            assert await ssh_banner("127.0.0.1", port, 5.0) == found
        else:
            with pytest.raises(WireError) as failed:
                await ssh_banner("127.0.0.1", port, 5.0)
            assert failed.value.kind is found
    finally:
        server.close()
        await server.wait_closed()
    assert heard == b""  # nothing was sent, nobody logged in


async def test_a_server_that_says_nothing_is_left_in_time() -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    with pytest.raises(WireError) as failed:
        await ssh_banner("127.0.0.1", server.sockets[0].getsockname()[1], 0.1)
    assert failed.value.kind is FailureKind.TIMEOUT
    server.close()
    async with asyncio.timeout(10):
        await left.wait()
