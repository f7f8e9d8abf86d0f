"""Walks a whole SNMP agent and keeps the type of each value, for recordings. One of the doors to pysnmp.

gufo-snmp polls; it does not tell a Counter32 from a Gauge32. pysnmp is slow, which does not matter here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from pysnmp.hlapi.v3arch import asyncio as hlapi

from noc.model.reading import FailureKind
from noc.wire.ber_values import DECODERS, MAX_SUBIDENTIFIER, Oid, Tag, Value
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, User

REPETITIONS: Final = 20

_AUTH: Final = {
    None: hlapi.usmNoAuthProtocol,
    "MD5": hlapi.usmHMACMD5AuthProtocol,
    "SHA-1": hlapi.usmHMACSHAAuthProtocol,
    "SHA-224": hlapi.usmHMAC128SHA224AuthProtocol,
    "SHA-256": hlapi.usmHMAC192SHA256AuthProtocol,
    "SHA-384": hlapi.usmHMAC256SHA384AuthProtocol,
    "SHA-512": hlapi.usmHMAC384SHA512AuthProtocol,
}
_PRIV: Final = {
    None: hlapi.usmNoPrivProtocol,
    "DES": hlapi.usmDESPrivProtocol,
    "AES-128": hlapi.usmAesCfb128Protocol,
    "AES-192": hlapi.usmAesCfb192Protocol,
    "AES-256": hlapi.usmAesCfb256Protocol,
}


async def walk(agent: Agent, root: Oid, skipped: Sequence[Oid] = ()) -> AsyncIterator[tuple[Oid, Tag, Value]]:
    """Yield all objects below a name, in the agent's order; it ends where the agent's names no longer ascend.

    skipped: branches of which only the first object is given; the walk goes on behind them.
    Raises WireError when the agent does not answer, refuses, or answers with an error.
    """
    engine = hlapi.SnmpEngine()
    try:
        target = await hlapi.UdpTransportTarget.create(
            (agent.address, agent.port), timeout=agent.timeout_s, retries=agent.retries
        )
        last = root
        while True:
            rows = await _ask(engine, agent, target, last)
            for name, value in rows:
                oid = tuple(int(part) for part in name)
                typed = _typed(value)
                if oid <= last or oid[: len(root)] != root or typed is None:
                    return
                last = oid
                yield oid, *typed
                branch = next((branch for branch in skipped if oid[: len(branch)] == branch), None)
                if branch is not None:
                    last = (*branch, MAX_SUBIDENTIFIER)
                    break
            if not rows:
                return
    finally:
        engine.close_dispatcher()


async def _ask(
    engine: hlapi.SnmpEngine, agent: Agent, target: hlapi.UdpTransportTarget, after: Oid
) -> list[tuple[Oid, hlapi.OctetString]]:
    credentials = agent.credentials
    name = hlapi.ObjectType(hlapi.ObjectIdentity(after))
    if isinstance(credentials, User) or credentials.version == "2c":
        asking = hlapi.bulk_cmd(
            engine, _login(agent), target, hlapi.ContextData(), 0, REPETITIONS, name, lookupMib=False
        )
    else:
        asking = hlapi.next_cmd(engine, _login(agent), target, hlapi.ContextData(), name, lookupMib=False)
    failed, status, _, rows = await asking
    where = f"{agent.address}: UDP port {agent.port}"
    if failed:
        kind = FailureKind.TIMEOUT if "timeout" in type(failed).__name__.lower() else FailureKind.AUTH
        raise WireError(kind, f"{where}: {failed}")
    if status:
        if int(status) == 2:  # noSuchName: the end of the view in v1
            return []
        raise WireError(FailureKind.PROTOCOL, f"{where}: the agent answers {status.prettyPrint()}")
    return [(tuple(name), value) for name, value in rows]


def _login(agent: Agent) -> hlapi.CommunityData | hlapi.UsmUserData:
    credentials = agent.credentials
    if isinstance(credentials, User):
        return hlapi.UsmUserData(
            credentials.name,
            credentials.auth_key,
            credentials.priv_key,
            authProtocol=_AUTH[credentials.auth],
            privProtocol=_PRIV[credentials.priv],
        )
    return hlapi.CommunityData(credentials.community, mpModel=0 if credentials.version == "1" else 1)


def _typed(value: hlapi.OctetString) -> tuple[Tag, Value] | None:
    """Return a value of pysnmp as one of ours; None for endOfMibView and what has no place in a recording."""
    outermost = value.tagSet[-1]
    known = DECODERS.get(outermost.tagClass | outermost.tagId)
    if known is None:
        return None
    tag = known[0]
    if tag in (Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW):
        return None
    if tag is Tag.OID:
        return tag, tuple(int(part) for part in value)
    if tag is Tag.IP_ADDRESS:
        return tag, ".".join(map(str, bytes(value)))
    if tag in (Tag.OCTET_STRING, Tag.OPAQUE):
        return tag, bytes(value)
    return tag, None if tag is Tag.NULL else int(value)
