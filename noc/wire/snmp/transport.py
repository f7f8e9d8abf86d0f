"""v1 and v2c: the only module that knows gufo-snmp (ADR 0002), but for a GETNEXT of many objects, our own.

Stands on gufo's socket classes rather than on its SnmpSession, because only they tell a walk that left the table
(RFC 3416: a later name came) from one that ended with endOfMibView, which broken agents send half-way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from gufo.snmp import _fast

from noc.model.reading import Raw
from noc.wire.ber import BerError, Oid, Pdu, PduType, VarBind, Version
from noc.wire.snmp.answers import asking, following, items, last, numbers, values
from noc.wire.snmp.conversation import RECEIVE_BUFFER_BYTES, Conversation
from noc.wire.snmp.exchange import StrayError, UnreadableError
from noc.wire.snmp.frame import community_of
from noc.wire.snmp.link import Following, Item
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent
from noc.wire.snmp.tries import Asking, Tries
from noc.wire.snmpusers import Community

T = TypeVar("T")

MESSAGE_OCTETS: Final = 30
"""Of a request beside its community and its varbinds, at most."""

VARBIND_OCTETS: Final = 6
"""Of a varbind without a value beside its name, at most."""

_VERSIONS: Final = {"1": Version.V1, "2c": Version.V2C}

_Socket = _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket


class CommunityLink(Conversation):
    """A link to an agent of v1 or v2c."""

    engine = None

    def __init__(self, agent: Agent, community: Community, memory: AgentMemory) -> None:
        super().__init__(agent, memory)
        self._community = community
        self._name = community.community.encode()
        self._asking = Asking(self._exchange, _VERSIONS[community.version], self._name)
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
        return await self.ask(
            self.tries(
                lambda: Pdu(PduType.GET, 0, 0, 0, asking(oids)),
                values,
                ask=lambda: self.open_socket().send_get_many(oids),
                taken=_readable(lambda: self.open_socket().recv_get_many()),
                check=self.check,
            ),
            what,
            self.size(oids),
            again=True,
        )

    async def following(self, oids: list[str], what: str, tries: int | None = None) -> Following:
        """Return which objects follow these: one GETNEXT for all, which gufo-snmp can't ask."""
        question = self.tries(
            lambda: Pdu(PduType.GET_NEXT, 0, 0, 0, asking(oids)), lambda pdu: following(pdu, len(oids))
        )
        return await self.ask(question, what, self.size(oids), tries=tries)

    def tries(
        self,
        pdu: Callable[[], Pdu],
        take: Callable[[Pdu], T],
        *,
        ask: Callable[[], None] | None = None,
        taken: Callable[[], T] | None = None,
        check: Callable[[bytes], None] = lambda _: None,
    ) -> Tries[T]:
        """Return the tries of a question; see there."""
        return Tries(self._asking, pdu, take, ask, taken, check)

    def ask(
        self,
        question: Tries[T],
        what: str,
        size: int,
        *,
        reply: int = 0,
        again: bool = False,
        tries: int | None = None,
    ) -> Awaitable[T]:
        """Ask one question. size: of it in octets, at most; reply: of its answer, as far as one can tell.

        Raises WireError.
        """
        return self._exchange.ask(
            question.send,
            question.receive,
            what,
            size,
            reply=reply,
            again=again,
            tries=tries,
            answered=lambda: question.answered,
            check=question.check,
        )

    def steps(self, column: str, rows: int, tries: int | None = None) -> _Steps:
        """Begin a walk, by so many rows at first."""
        return _Steps(self, column, rows, tries)

    def check(self, data: bytes, *, exceptions: bool = True) -> None:
        """Keep from gufo-snmp what it would panic at, and answers to others.

        Raises UnreadableError, and StrayError where the community is another one.
        """
        try:
            community = community_of(data, exceptions=exceptions)
        except BerError as error:
            raise UnreadableError(str(error)) from None
        if community != self._name:
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
        return MESSAGE_OCTETS + len(self._name) + names


class _Steps:
    """A walk of one column: by gufo-snmp as long as each question is answered at the first try and asks for as many
    rows as the one before, which is nearly always; then by our own codec, from where it stands.
    """

    def __init__(self, link: CommunityLink, column: str, rows: int, tries: int | None) -> None:
        self._link = link
        self._tries = tries
        self._column = numbers(column)
        self._at: str | Oid = column
        self._rows = rows
        self._size = link.size([column]) + 2 * VARBIND_OCTETS  # the names below it are longer
        self._position: _fast.GetIter | None = _fast.GetIter(column, rows) if link.batched else _fast.GetIter(column)

    async def next(self, what: str, rows: int, octets: int = 0) -> Sequence[Item]:
        """Return the objects that follow; see Steps. gufo-snmp moves the position also into an unreadable answer."""
        link, position = self._link, self._position
        if position is None or (rows != self._rows and link.batched):
            self._position = None
            question = link.tries(lambda: self._question(rows), self._taken)
        elif link.batched:
            question = link.tries(
                lambda: self._question(rows),
                self._taken,
                ask=lambda: link.open_socket().send_get_bulk(position),
                taken=_readable(lambda: self._moved(link.open_socket().recv_get_bulk(position))),
                check=link.check,
            )
        else:
            question = link.tries(
                lambda: self._question(rows),
                self._taken,
                ask=lambda: link.open_socket().send_get_next(position),
                taken=_readable(lambda: self._moved([link.open_socket().recv_get_next(position)])),
                check=partial(link.check, exceptions=False),
            )
        return await link.ask(question, what, self._size, tries=self._tries, reply=octets)

    def _question(self, rows: int) -> Pdu:
        at = numbers(self._at) if isinstance(self._at, str) else self._at
        if self._link.batched:
            return Pdu(PduType.GET_BULK, 0, 0, rows, (VarBind(at),))
        return Pdu(PduType.GET_NEXT, 0, 0, 0, (VarBind(at),))

    def _moved(self, found: Sequence[Item]) -> Sequence[Item]:
        if found and found[-1] is not None:
            self._at = found[-1][0]
        return found

    def _taken(self, pdu: Pdu) -> Sequence[Item]:
        self._position = None
        found = items(pdu, self._column)
        if not found:
            raise StopAsyncIteration
        self._at = last(pdu) or self._at
        return found


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
