"""SNMPv3 against an agent of pysnmp, whose authors read the drafts of long keys on their own: both dialects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context

from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, SnmpSession, User
from noc.wire.snmpusers import AuthProtocol, PrivProtocol
from tests.live.conftest import free_udp_port

pytestmark = pytest.mark.live

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
AUTHS: dict[AuthProtocol, Any] = {
    "MD5": config.USM_AUTH_HMAC96_MD5,
    "SHA-1": config.USM_AUTH_HMAC96_SHA,
    "SHA-224": config.USM_AUTH_HMAC128_SHA224,
    "SHA-256": config.USM_AUTH_HMAC192_SHA256,
    "SHA-384": config.USM_AUTH_HMAC256_SHA384,
    "SHA-512": config.USM_AUTH_HMAC384_SHA512,
}
PRIVS: dict[PrivProtocol, Any] = {
    "DES": config.USM_PRIV_CBC56_DES,
    "AES-128": config.USM_PRIV_CFB128_AES,
    "AES-192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES-192-C": config.USM_PRIV_CFB192_AES,
    "AES-256-C": config.USM_PRIV_CFB256_AES,
}


def user(auth: AuthProtocol, priv: PrivProtocol) -> User:
    return User(f"{auth}.{priv}", auth, "an-auth-key", priv, "a-priv-key")


@dataclass
class Served:
    """An agent of pysnmp in this process, on a free port."""

    port: int
    engine: Any


@pytest.fixture
async def agent() -> AsyncIterator[Served]:
    port, running = free_udp_port(), engine.SnmpEngine()
    config.add_transport(running, udp.DOMAIN_NAME, udp.UdpAsyncioTransport().open_server_mode(("127.0.0.1", port)))
    cmdrsp.GetCommandResponder(running, context.SnmpContext(running))
    yield Served(port, running)
    running.close_dispatcher()


def knows(agent: Served, who: User) -> None:
    assert who.auth is not None
    assert who.priv is not None
    config.add_v3_user(agent.engine, who.name, AUTHS[who.auth], who.auth_key, PRIVS[who.priv], who.priv_key)
    config.add_vacm_user(agent.engine, 3, who.name, "authPriv", (1, 3, 6, 1, 2, 1))


async def read(agent: Served, who: User) -> bytes:
    session = SnmpSession(Agent("127.0.0.1", who, agent.port, 1.0, 0))
    try:
        await session.open()
        value = (await session.get([SYS_DESCR]))[SYS_DESCR]
        assert isinstance(value, bytes)
        return value
    finally:
        session.close()


@pytest.mark.parametrize("priv", PRIVS)
@pytest.mark.parametrize("auth", AUTHS)
async def test_pysnmp_is_understood_with_every_digest_and_cipher(
    agent: Served, auth: AuthProtocol, priv: PrivProtocol
) -> None:
    who = user(auth, priv)
    knows(agent, who)
    assert b"PySNMP" in await read(agent, who)


@pytest.mark.parametrize(("named", "has"), [("AES-256", "AES-256-C"), ("AES-192-C", "AES-192")])
async def test_the_other_dialect_is_refused_with_a_hint(agent: Served, named: PrivProtocol, has: PrivProtocol) -> None:
    who = user("SHA-1", has)
    knows(agent, who)
    with pytest.raises(WireError, match=f"try `priv: {has}`") as told:
        await read(agent, User(who.name, who.auth, who.auth_key, named, who.priv_key))
    assert told.value.kind is FailureKind.AUTH
