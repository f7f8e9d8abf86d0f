"""A small SNMP agent for tests: in this process, on a free loopback port, honest unless a Fault says otherwise.

async with serving(Agent(objects, EndlessTable(IF_DESCR))) as agent:
    reading = await collect(... agent.port ...)
assert agent.requests < 20
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

from noc.wire.ber import (
    BerError,
    ErrorStatus,
    Message,
    Oid,
    Pdu,
    PduType,
    Tag,
    Value,
    Version,
    decode,
    encode_pdu,
    encode_varbind,
)

Objects = Mapping[Oid, tuple[Tag, Value]]
Address = tuple[str, int]

ETHERNET = 1472
"""Bytes of a response that fit an Ethernet frame: what most agents keep to."""

MAX_REPETITIONS = 100


class Fault:
    """What an agent does wrong. This one does nothing wrong; each other overrides one method."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        """Yield the datagrams that go back to the one who asked."""
        answer = agent.respond(request)
        if answer is not None:
            yield answer

    def refusal(self, asked: tuple[Oid, ...]) -> tuple[int, int] | None:
        """Return the error-status and error-index that a GET of these objects gets, if any."""
        return None

    def following(self, agent: Agent, oid: Oid, version: Version) -> Oid | None:
        """Return the object behind a name; None at the end of the view."""
        return agent.successor(oid, version)

    def varbind(self, agent: Agent, oid: Oid) -> bytes | None:
        """Return the encoded varbind of an object; None when there is no such object."""
        return agent.encoded.get(oid)


class Agent(asyncio.DatagramProtocol):
    """Serves objects by GET, GETNEXT and GETBULK (RFC 1157, RFC 3416); other requests and communities get no answer.

    max_size: bytes of a response; what does not fit is tooBig for GET and GETNEXT and cut off for GETBULK.
    requests: how many came that it understood; asked: the type and names of each; asker: who sent the last datagram.
    """

    def __init__(
        self, objects: Objects, fault: Fault | None = None, *, community: bytes = b"public", max_size: int = ETHERNET
    ) -> None:
        self.fault = fault or Fault()
        self.community = community
        self.max_size = max_size
        self.asked: list[tuple[PduType, tuple[Oid, ...]]] = []
        self.refused_packets = 0
        self.asker: Address = ("127.0.0.1", 0)
        self.transport: asyncio.DatagramTransport | None = None
        self.become(objects)

    def become(self, objects: Objects) -> None:
        """Serve other objects from now on."""
        self.encoded = {oid: encode_varbind(oid, tag, value) for oid, (tag, value) in objects.items()}
        self._order = {
            Version.V2C: sorted(objects),
            Version.V1: sorted(oid for oid, (tag, _) in objects.items() if tag is not Tag.COUNTER64),
        }
        self._hidden = {oid for oid, (tag, _) in objects.items() if tag is Tag.COUNTER64}

    @property
    def requests(self) -> int:
        """Return how many requests came."""
        return len(self.asked)

    @property
    def port(self) -> int:
        """Return the UDP port on which the agent listens."""
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: Address) -> None:
        assert self.transport is not None
        self.asker = address
        try:
            request = decode(data)
        except BerError:
            self.refused_packets += 1
            return
        if not isinstance(request.pdu, Pdu) or request.community != self.community:
            self.refused_packets += 1
            return
        self.asked.append((request.pdu.type, tuple(varbind.oid for varbind in request.pdu.varbinds)))
        for answer in self.fault.answers(self, request):
            self.transport.sendto(answer, address)

    def respond(self, request: Message) -> bytes | None:
        """Return the right answer to a request."""
        pdu = request.pdu
        assert isinstance(pdu, Pdu)
        if pdu.type is PduType.GET_BULK and request.version is Version.V2C:
            return self._bulk(request, pdu)
        if pdu.type is PduType.GET:
            refusal = self.fault.refusal(tuple(varbind.oid for varbind in pdu.varbinds))
            if refusal is not None:
                return self.error(request, *refusal)
            found = [self.value(varbind.oid, request.version) for varbind in pdu.varbinds]
        elif pdu.type is PduType.GET_NEXT:
            found = [self.next_value(varbind.oid, request.version) for varbind in pdu.varbinds]
        else:
            return None
        if None in found:
            return self.error(request, ErrorStatus.NO_SUCH_NAME, found.index(None) + 1)
        answer = self.response(request, [varbind for varbind in found if varbind is not None])
        if len(answer) > self.max_size:
            return self.error(request, ErrorStatus.TOO_BIG, 0)
        return answer

    def value(self, oid: Oid, version: Version) -> bytes | None:
        """Return the varbind that answers a GET; None: noSuchName."""
        hidden = version is Version.V1 and oid in self._hidden
        varbind = None if hidden else self.fault.varbind(self, oid)
        if varbind is not None or version is Version.V1:
            return varbind
        # RFC 3416, 4.2.1: an instance is missing where its object has others.
        position = bisect_right(self._order[version], oid[:-1])
        near = self._order[version][position : position + 1]
        exists = bool(near) and near[0][: len(oid) - 1] == oid[:-1]
        return encode_varbind(oid, Tag.NO_SUCH_INSTANCE if exists else Tag.NO_SUCH_OBJECT, None)

    def next_value(self, oid: Oid, version: Version) -> bytes | None:
        """Return the varbind that answers a GETNEXT; None: noSuchName, at the end of a v1 agent's view."""
        following = self.fault.following(self, oid, version)
        if following is not None:
            return self.fault.varbind(self, following)
        return None if version is Version.V1 else encode_varbind(oid, Tag.END_OF_MIB_VIEW, None)

    def successor(self, oid: Oid, version: Version) -> Oid | None:
        """Return the next object in the order of names."""
        order = self._order[version]
        position = bisect_right(order, oid)
        return order[position] if position < len(order) else None

    def _bulk(self, request: Message, pdu: Pdu) -> bytes:
        """RFC 3416, section 4.2.3: what does not fit is left out at the end."""
        single = max(pdu.error_status, 0)
        repetitions = min(max(pdu.error_index, 0), MAX_REPETITIONS)
        names = [varbind.oid for varbind in pdu.varbinds]
        room = self.max_size - len(self.response(request, [])) - 8  # 8: the lengths grow with the content
        found: list[bytes] = []
        for varbind in self._repeat(names, single, repetitions, request.version):
            room -= len(varbind)
            if room < 0:
                break
            found.append(varbind)
        return self.response(request, found)

    def _repeat(self, names: list[Oid], single: int, repetitions: int, version: Version) -> Iterator[bytes]:
        for name in names[:single]:
            yield self.next_value(name, version) or b""
        repeating: list[Oid] = names[single:]
        for _ in range(repetitions):
            going: list[Oid] = []
            for name in repeating:
                yield self.next_value(name, version) or b""
                going.append(self.fault.following(self, name, version) or name)
            if going == repeating:
                return  # nothing but endOfMibView
            repeating = going

    def response(self, request: Message, varbinds: Iterable[bytes], status: int = 0, index: int = 0) -> bytes:
        """Return a response to a request."""
        assert isinstance(request.pdu, Pdu)
        return encode_pdu(
            request.version, self.community, PduType.RESPONSE, request.pdu.request_id, status, index, varbinds
        )

    def error(self, request: Message, status: int, index: int) -> bytes:
        """Return an error response: the request's names come back, for tooBig none do (RFC 3416, section 4.2.1)."""
        names = () if status == ErrorStatus.TOO_BIG and request.version is Version.V2C else request.pdu.varbinds
        return self.response(request, [encode_varbind(name.oid, Tag.NULL, None) for name in names], status, index)


@asynccontextmanager
async def serving(agent: Agent) -> AsyncIterator[Agent]:
    """Let an agent listen on a free port of 127.0.0.1; its socket is closed at the end."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: agent, local_addr=("127.0.0.1", 0))
    try:
        yield agent
    finally:
        transport.close()
        await asyncio.sleep(0)  # the loop closes the socket in its next round
