"""SNMPv3 against Debian's snmpd: every digest with every cipher in both dialects, and what goes wrong with log-ins."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, AuthProtocol, Memory, PrivProtocol, SnmpSession, User
from tests.agents.polling import probe
from tests.live.conftest import RunningAgent, agent_answers, find_program, free_udp_port, running, wait_for

pytestmark = pytest.mark.live

SYS_NAME = "1.3.6.1.2.1.1.5.0"
AUTHS: tuple[AuthProtocol, ...] = get_args(AuthProtocol)
PRIVS: tuple[PrivProtocol | None, ...] = (None, *get_args(PrivProtocol))
NET_SNMP = {"SHA-1": "SHA", "AES-128": "AES"}
LONG_ENOUGH = {"AES-192": ("SHA-224", "SHA-256", "SHA-384", "SHA-512"), "AES-256": ("SHA-256", "SHA-384", "SHA-512")}


def user(auth: AuthProtocol | None, priv: PrivProtocol | None) -> User:
    if auth is None:
        return User("nobody-in-particular")
    name = f"{auth}.{priv or 'none'}"
    return User(name, auth, f"auth key of {auth}", priv, f"priv key of {priv}" if priv else None)


ALL = [user(auth, priv) for auth, priv in itertools.product(AUTHS, PRIVS)] + [user(None, None)]


def created(one: User) -> str:
    words = ["createUser", one.name]
    if one.auth:
        words += [NET_SNMP.get(one.auth, one.auth), f'"{one.auth_key}"']
    if one.priv:
        words += [NET_SNMP.get(one.priv, one.priv), f'"{one.priv_key}"']
    return " ".join(words)


def written(port: int, users: list[User], name: str = "agent-of-v3") -> str:
    levels = {"noAuthNoPriv": "noauth", "authNoPriv": "auth", "authPriv": "priv"}
    lines = [f"agentaddress udp:127.0.0.1:{port}", "rocommunity public", f"sysName {name}"]
    lines += [created(one) for one in users]
    lines += [f"rouser {one.name} {levels[one.level]}" for one in users]
    return "\n".join(lines) + "\n"


def start(folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf")]
    return command, {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "kept"), "SNMPCONFPATH": str(folder)}


@pytest.fixture(scope="module")
def agent_of_v3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """An snmpd that knows a user for every digest with every cipher."""
    folder, port = tmp_path_factory.mktemp("v3"), free_udp_port()
    (folder / "snmpd.conf").write_text(written(port, ALL))
    command, env = start(folder, port)
    with running(command, folder / "log", env) as process:
        wait_for(lambda: agent_answers(port, "public"), process, "snmpd", folder / "log")
        yield RunningAgent(port)


async def ask(port: int, who: User, memory: Memory | None = None, retries: int = 1) -> tuple[dict[str, object], int]:
    session = SnmpSession(Agent("127.0.0.1", who, port, 0.5, retries), memory)
    try:
        await session.open()
        return dict(await session.get([SYS_NAME])), session.requests
    finally:
        session.close()


@pytest.mark.parametrize("who", ALL, ids=lambda one: one.name)
async def test_every_digest_goes_with_every_cipher(agent_of_v3: RunningAgent, who: User) -> None:
    memory = Memory()
    assert await ask(agent_of_v3.port, who, memory) == ({SYS_NAME: b"agent-of-v3"}, 2)  # the engine, then the question
    assert await ask(agent_of_v3.port, who, memory) == ({SYS_NAME: b"agent-of-v3"}, 1)


@pytest.mark.parametrize("priv", ["AES-192", "AES-256"])
@pytest.mark.parametrize("auth", AUTHS)
async def test_the_other_dialect_is_named_where_it_makes_another_key(
    agent_of_v3: RunningAgent, auth: AuthProtocol, priv: PrivProtocol
) -> None:
    right = user(auth, priv)
    other = User(right.name, auth, right.auth_key, "AES-192-C" if priv == "AES-192" else "AES-256-C", right.priv_key)
    if auth in LONG_ENOUGH[priv]:
        assert (await ask(agent_of_v3.port, other))[0] == {SYS_NAME: b"agent-of-v3"}
        return
    with pytest.raises(WireError) as told:
        await ask(agent_of_v3.port, other, retries=0)
    assert told.value.kind is FailureKind.AUTH
    assert f"try `priv: {priv}`" in told.value.reason


@pytest.mark.parametrize(
    ("who", "says"),
    [
        (User("stranger", "SHA-1", "auth key of SHA-1"), "knows no user 'stranger'"),
        (User("SHA-1.none", "MD5", "auth key of SHA-1"), "another authentication key or protocol than MD5"),
        (User("SHA-1.none", "SHA-1", "auth key of MD5"), "another authentication key or protocol than SHA-1"),
        (User("SHA-1.AES-128"), "lets it read nothing at the level noAuthNoPriv"),
        (User("SHA-1.AES-128", "SHA-1", "auth key of SHA-1"), "lets it read nothing at the level authNoPriv"),
        (User("SHA-1.none", "SHA-1", "auth key of SHA-1", "AES-128", "priv key of x"), "refuses the level authPriv"),
    ],
    ids=["user", "digest", "key", "no level", "low level", "high level"],
)
@pytest.mark.parametrize("known", [False, True], ids=["unknown engine", "known engine"])
async def test_a_refused_log_in_says_why_at_once(
    agent_of_v3: RunningAgent, who: User, says: str, *, known: bool
) -> None:
    memory = Memory()
    if known:
        await ask(agent_of_v3.port, user("SHA-512", None), memory)
    with pytest.raises(WireError, match=says) as told:
        await ask(agent_of_v3.port, who, memory)
    assert told.value.kind is FailureKind.AUTH


async def test_a_restart_of_the_agent_and_another_engine_cost_one_question_more(tmp_path: Path) -> None:
    port, memory, who = free_udp_port(), Memory(), user("SHA-256", "AES-128")
    settings = tmp_path / "snmpd.conf"
    settings.write_text(written(port, [who]))
    command, env = start(tmp_path, port)
    asked = []
    for round_ in range(3):
        if round_ == 2:  # a device that was replaced: another engine at the same address
            settings.write_text(written(port, [who]) + "engineID another-device\n")
        with running(command, tmp_path / "log", env) as process:
            wait_for(lambda: agent_answers(port, "public"), process, "snmpd", tmp_path / "log")
            values, requests = await ask(port, who, memory)
            assert values == {SYS_NAME: b"agent-of-v3"}
            asked.append(requests)
            engine = memory.of("127.0.0.1", port).engine
            assert engine is not None
    assert asked == [2, 2, 2]
    assert engine.engine_id.endswith(b"another-device")


async def test_net_snmp_agrees_on_the_user_that_is_asked_for(agent_of_v3: RunningAgent) -> None:
    """snmpget itself logs in with a long key of a short digest: the agent is no mirror of our own mistakes."""
    one = user("SHA-1", "AES-256-C")
    command = [find_program("snmpget", "snmp"), "-v3", "-Oqv", "-u", one.name, "-l", "authPriv", "-a", "SHA"]
    command += ["-A", one.auth_key or "", "-x", "AES-256-C", "-X", one.priv_key or "", f"127.0.0.1:{agent_of_v3.port}"]
    done = subprocess.run([*command, SYS_NAME], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout.strip().strip('"') == "agent-of-v3", done.stderr


async def test_a_user_who_may_read_nothing_sees_a_device_that_is_up(agent_of_v3: RunningAgent) -> None:
    reading = await probe(agent_of_v3.port, User("SHA-1.AES-128", "SHA-1", "auth key of SHA-1"))
    assert reading.failure is None
    stranger = await probe(agent_of_v3.port, User("stranger", "SHA-1", "auth key of SHA-1"))
    assert stranger.failure is not None
    assert stranger.failure.kind is FailureKind.AUTH
