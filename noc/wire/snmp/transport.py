"""v1 and v2c: the only module that knows gufo-snmp (ADR 0002), but for a GETNEXT of many objects, our own.

Stands on gufo's socket classes rather than on its SnmpSession, because only they tell a walk that left the table
(RFC 3416: a later name came) from one that ended with endOfMibView, which broken agents send half-way.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from gufo.snmp import _fast

from noc.model.reading import Raw
from noc.wire.ber import BerError, Message, Pdu, PduType, Version, decode, encode
from noc.wire.snmp.answers import asking, following
from noc.wire.snmp.conversation import RECEIVE_BUFFER_BYTES, Conversation
from noc.wire.snmp.exchange import Exchange, StrayError, UnreadableError
from noc.wire.snmp.frame import community_of
from noc.wire.snmp.link import Following, Item
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent
from noc.wire.snmpusers import Community

T = TypeVar("T")

MESSAGE_OCTETS: Final = 30
"""Of a request beside its community and its varbinds, at most."""

VARBIND_OCTETS: Final = 6
"""Of a varbind without a value beside its name, at most."""

_VERSIONS: Final = {"1": Version.V1, "2c": Version.V2C}
_IDS: Final = 2**31
_next_id = itertools.count(1)

_Socket = _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket


class CommunityLink(Conversation):
    """A link to an agent of v1 or v2c."""

    engine = None

    def __init__(self, agent: Agent, community: Community, memory: AgentMemory) -> None:
        super().__init__(agent, memory)
        self._community = community
        self._socket: _Socket | None = None

    @property
    def batched(self) -> bool:
        """Return whether many objects fit one request: not with v1, where one missing object voids an answer."""
        return self._community.version != "1"

    async def open(self) -> None:
        """Open the socket. Raises WireError: refused, where there is no way to the device."""
        agent = self._agent
        where = f"[{agent.address}]:{agent.port}" if ":" in agent.address else f"{agent.address}:{agent.port}"
        kind = _fast.SnmpV2cClientSocket if self.batched else _fast.SnmpV1ClientSocket
        try:
            self._socket = kind(where, self._community.community, 0, 0, RECEIVE_BUFFER_BYTES, 0)
        except OSError as error:
            raise self._no_way(error) from error
        self._exchange.attach(self._socket.get_fd())

    def close(self) -> None:
        """Give the socket back: nothing but `self._socket` refers to it, not even the frames of an exception."""
        self._exchange.detach()
        self._socket = None

    async def get(self, oids: list[str], what: str) -> dict[str, Raw]:
        """Return the values that the agent gives: not for objects that it lacks, and none at all after an error."""
        return await self._exchange.ask(
            lambda: self.open_socket().send_get_many(oids),
            _readable(lambda: self.open_socket().recv_get_many()),
            what,
            self.size(oids),
            check=self.check,
        )

    async def following(self, oids: list[str], what: str, tries: int | None = None) -> Following:
        """Return which objects follow these: one GETNEXT for all, which gufo-snmp can't ask."""
        question = Pdu(PduType.GET_NEXT, next(_next_id) % _IDS, 0, 0, asking(oids))
        community = self._community
        data = encode(Message(_VERSIONS[community.version], community.community.encode(), question))

        def receive() -> Pdu:
            pdu = _decoded(self._exchange.receive())
            if pdu.type is not PduType.RESPONSE or pdu.request_id != question.request_id:
                raise BlockingIOError
            return pdu

        answer = await self._exchange.ask(
            lambda: self._exchange.send(data), receive, what, len(data), again=False, tries=tries
        )
        return following(answer, len(oids))

    def steps(self, column: str, max_repetitions: int, tries: int | None = None) -> _Steps:
        """Begin a walk."""
        return _Steps(self, self._exchange, column, max_repetitions, tries)

    def check(self, data: bytes, *, exceptions: bool = True) -> None:
        """Keep from gufo-snmp what it would panic at, and answers to others.

        Raises UnreadableError, and StrayError where the community is another one.
        """
        try:
            community = community_of(data, exceptions=exceptions)
        except BerError as error:
            raise UnreadableError(str(error)) from None
        if community != self._community.community.encode():
            raise StrayError("another community")

    def open_socket(self) -> _Socket:
        """Return the socket."""
        if self._socket is None:
            raise RuntimeError("SnmpSession.open was not awaited")
        return self._socket

    def size(self, oids: Sequence[str]) -> int:
        """Return the octets of a request for these objects, at most.

        Dotted text has two characters for each octet of an encoded name, at least: `.1` is one, `.128` is two.
        """
        names = sum(map(len, oids)) // 2 + (VARBIND_OCTETS + 1) * len(oids)
        return MESSAGE_OCTETS + len(self._community.community.encode()) + names


class _Steps:
    """A walk of one column."""

    def __init__(
        self, link: CommunityLink, exchange: Exchange, column: str, max_repetitions: int, tries: int | None
    ) -> None:
        self._link = link
        self._tries = tries
        self._exchange = exchange
        self._size = link.size([column]) + 2 * VARBIND_OCTETS  # the names below it are longer
        self._position = _fast.GetIter(column, max_repetitions) if link.batched else _fast.GetIter(column)

    async def next(self, what: str) -> Sequence[Item]:
        """Return the objects that follow; see Steps. gufo-snmp moves the position also into an unreadable answer."""
        link, position = self._link, self._position
        if link.batched:
            return await self._exchange.ask(
                lambda: link.open_socket().send_get_bulk(position),
                _readable(lambda: link.open_socket().recv_get_bulk(position)),
                what,
                self._size,
                again=False,
                tries=self._tries,
                check=link.check,
            )
        item = await self._exchange.ask(
            lambda: link.open_socket().send_get_next(position),
            _readable(lambda: link.open_socket().recv_get_next(position)),
            what,
            self._size,
            again=False,
            tries=self._tries,
            check=partial(link.check, exceptions=False),
        )
        return [item]


def _decoded(data: bytes) -> Pdu:
    try:
        pdu = decode(data).pdu
    except BerError as error:
        raise UnreadableError(str(error)) from None
    if not isinstance(pdu, Pdu):
        raise UnreadableError("a trap where an answer is due")
    return pdu


def _readable(receive: Callable[[], T]) -> Callable[[], T]:
    """Return the same with gufo's errors in our words."""

    def call() -> T:
        try:
            return receive()
        except TimeoutError as error:
            # gufo's word for ICMP port unreachable: our own timer is the only real timeout.
            raise ConnectionRefusedError from error
        except (_fast.SnmpError, RuntimeError) as error:
            raise UnreadableError(str(error)) from None
        except _panics() as error:
            raise UnreadableError(str(error)) from None

    return call


def _panics() -> tuple[type[BaseException], ...]:
    """Return the class of Rust's panics; PyO3 makes it when it is first needed.

    `check` keeps back what causes them, but for a damaged datagram right behind one under another request id: gufo-snmp
    reads on by itself there.
    """
    return tuple(kind for kind in BaseException.__subclasses__() if kind.__name__ == "PanicException")
