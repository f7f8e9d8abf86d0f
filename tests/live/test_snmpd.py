"""Debian's snmpd, polled for real: v1, v2c and v3, by the session and by `noc poll`."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import FailureKind
from noc.pipeline.snapshot import snapshot
from noc.wire.snmp import Agent, Community, SnmpSession, User, WalkEnd
from tests.live.conftest import RunningAgent
from tests.live.forked import finished

pytestmark = pytest.mark.live

PROFILES, _ = load_profiles([shipped("profiles")])

USERS = [
    User("alice", "SHA-256", "alice-auth-key", "AES-128", "alice-priv-key"),
    User("bob", "SHA-512", "bob-auth-key-1", "AES-256", "bob-priv-key-1"),
    User("carol", "SHA-1", "carol-auth-key"),
    User("dave", "MD5", "dave-auth-key", "DES", "dave-priv-key"),
]
COMMUNITIES = [Community("public", "1"), Community("public", "2c")]


def agent(port: int, credentials: Community | User, timeout_s: float = 2.0) -> Agent:
    return Agent("127.0.0.1", credentials, port, timeout_s=timeout_s, retries=1)


def noc_poll(*arguments: str) -> subprocess.CompletedProcess[str]:
    return finished(("poll", "127.0.0.1", *arguments))


@pytest.mark.parametrize("credentials", [*COMMUNITIES, *USERS], ids=lambda who: getattr(who, "name", repr(who)))
async def test_every_version_reads_the_same_device(snmpd: RunningAgent, credentials: Community | User) -> None:
    reading = await collect(SnmpTarget(agent(snmpd.port, credentials), 30.0), PROFILES, SystemClock(), "test")
    assert reading.failure is None
    assert reading.parts == ()
    assert reading.snmp is not None
    taken = snapshot(reading, PROFILES[reading.snmp.profile])
    assert taken.device.sys_name == "noc-test-agent"
    assert taken.device.profile == "net-snmp-linux"
    # snmpd keeps its list for a while: an interface that has just gone may still be in it.
    assert {row.name for row in taken.interfaces} >= {name for _, name in socket.if_nameindex()}
    loopback = next(row for row in taken.interfaces if row.name == "lo")
    assert loopback.oper_status == "up"
    wide = credentials != Community("public", "1")  # v1 has no Counter64 (RFC 3584, section 4.2.2.1)
    assert loopback.wide is wide
    assert loopback.counters.in_octets is not None


@pytest.mark.parametrize("credentials", [*COMMUNITIES, *USERS], ids=lambda who: getattr(who, "name", repr(who)))
async def test_every_version_is_polled_by_known_rows(snmpd: RunningAgent, credentials: Community | User) -> None:
    where, clock = agent(snmpd.port, credentials), SystemClock()
    walked = await collect(SnmpTarget(where, 30.0), PROFILES, clock, "test")
    assert walked.known is not None
    again = await collect(SnmpTarget(where, 30.0, known=walked.known), PROFILES, clock, "test")
    assert (again.failure, again.parts) == (None, ())
    assert walked.snmp is not None
    assert again.snmp is not None
    assert again.snmp.scalars.keys() == walked.snmp.scalars.keys()
    interfaces = [
        {at: row.keys() for at, row in one.snmp.tables["ifTable"].items()} for one in (walked, again) if one.snmp
    ]
    assert interfaces[0] == interfaces[1] != {}


@pytest.mark.parametrize(
    "user",
    [
        User("alice", "SHA-256", "not-her-auth-key", "AES-128", "alice-priv-key"),
        User("alice", "SHA-256", "alice-auth-key", "AES-128", "not-her-priv-key"),
        User("alice", "SHA-512", "alice-auth-key", "AES-128", "alice-priv-key"),
        User("nobody", "SHA-256", "alice-auth-key"),
        User("nobody"),
    ],
    ids=["auth key", "priv key", "protocol", "user", "user without auth"],
)
async def test_a_wrong_log_in_is_told_from_silence(snmpd: RunningAgent, user: User) -> None:
    target = SnmpTarget(agent(snmpd.port, user, timeout_s=0.5), 30.0)
    reading = await collect(target, PROFILES, SystemClock(), "test")
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.AUTH
    for key in (user.auth_key, user.priv_key):
        assert key is None or key not in repr(reading)


async def test_a_walk_of_what_is_not_there_is_empty_and_complete(snmpd: RunningAgent) -> None:
    session = SnmpSession(agent(snmpd.port, Community("public")))
    await session.open()
    assert (await session.walk("1.3.6.1.4.1.99999")).rows == ()
    assert (await session.walk("1.3.6.1.2.1.2.2.1.2")).end is WalkEnd.COMPLETE
    assert await session.get(["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.99.0"]) == {"1.3.6.1.2.1.1.5.0": b"noc-test-agent"}
    session.close()


def test_noc_poll_prints_one_json_document_and_nothing_else(snmpd: RunningAgent) -> None:
    done = noc_poll("--port", str(snmpd.port), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["device"]["sys_name"] == "noc-test-agent"
    assert done.stderr == ""


def test_noc_poll_logs_in_with_v3(snmpd: RunningAgent) -> None:
    user = ["--v3-user", "alice", "--v3-auth", "SHA-256", "--v3-auth-key", "alice-auth-key"]
    user += ["--v3-priv", "AES-128", "--v3-priv-key", "alice-priv-key"]
    done = noc_poll("--port", str(snmpd.port), "--json", *user)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["device"]["sys_name"] == "noc-test-agent"


def test_noc_poll_prints_line_protocol(snmpd: RunningAgent) -> None:
    done = noc_poll("--port", str(snmpd.port), "--line-protocol")
    assert done.returncode == 0, done.stderr
    measurements = {line.split(",", 1)[0] for line in done.stdout.splitlines()}
    assert {"snmp", "interface"} <= measurements


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--community", "wrong", "--timeout", "0.2", "--retries", "0"], 3),
        (["--v3-user", "alice", "--v3-auth", "SHA-256", "--v3-auth-key", "not-her-auth-key"], 3),
        (["--profile", "cisco-iosx"], 2),
        (["--snmp-version", "4"], 2),
    ],
)
def test_noc_poll_tells_by_its_exit_code_what_went_wrong(snmpd: RunningAgent, arguments: list[str], code: int) -> None:
    done = noc_poll("--port", str(snmpd.port), *arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.strip()
