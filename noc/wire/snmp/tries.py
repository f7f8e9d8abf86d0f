"""The tries of one question of v1 or v2c, of which any may be the one that is answered.

gufo-snmp tells nobody its request ids and takes the answer to its last request alone. So it asks once, and further
tries go by our own codec, each under a request id of its own: what gufo-snmp asked stays its last request, and its
answer is taken however late it comes. Which try is answered is known, and with it an honest round trip (Karn's
algorithm, RFC 6298, section 3, has no such ids and must do without).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from noc.wire.ber import BerError, Message, Pdu, PduType, Version, decode, encode
from noc.wire.snmp.exchange import Exchange, StrayError, UnreadableError
from noc.wire.snmp.frame import OCTETS_AT_MOST

T = TypeVar("T")

_IDS: Final = 2**31
_next_id = itertools.count(1)


class Asking(NamedTuple):
    """What all questions of a link have in common."""

    exchange: Exchange
    version: Version
    community: bytes


class Tries(Generic[T]):
    """Sends a question as often as it takes, and takes the first answer to any try.

    pdu: makes the question; its request id is filled in. take: makes what is wanted of a response of ours; may raise
    StopAsyncIteration. ask, taken, check: send it by gufo-snmp, receive its answer so, and keep back from it what it
    can't read; without `ask` all tries are ours. answered: the try that was answered, from 0.
    """

    answered = -1
    _sent = 0
    _first = 0
    """The try that gufo-snmp waits for."""
    _answer: Pdu | None = None

    def __init__(
        self,
        asking: Asking,
        pdu: Callable[[], Pdu],
        take: Callable[[Pdu], T],
        ask: Callable[[], None] | None = None,
        taken: Callable[[], T] | None = None,
        check: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        self._asking, self._pdu, self._take = asking, pdu, take
        self._ask, self._taken, self._check = ask, taken, check
        self._by_gufo = ask is not None
        self._ours: dict[int, int] = {}  # tries by request id

    def send(self) -> None:
        """Send the next try. Raises BlockingIOError where the socket would block."""
        if self._by_gufo and self._ask is not None:
            self._ask()
            self._first, self._by_gufo = self._sent, False
        else:
            request_id = next(_next_id) % _IDS
            self._asking.exchange.send(encode(self._message(request_id)))
            self._ours[request_id] = self._sent
        self._sent += 1

    def check(self, data: bytes) -> None:
        """Look at a datagram before it is received. Raises UnreadableError, StrayError."""
        self._answer = self._own(data) if self._ours else None
        if self._answer is None:
            try:
                self._check(data)
            except UnreadableError:
                self._by_gufo = True  # the next try is an exact repetition
                raise

    def receive(self) -> T:
        """Return what is wanted of the datagram that was looked at; BlockingIOError where it answers no try."""
        answer, self._answer = self._answer, None
        if answer is not None:
            self._asking.exchange.receive()
            self.answered = self._ours[answer.request_id]
            return self._take(answer)
        if self._taken is None:
            self._asking.exchange.receive()
            raise BlockingIOError
        self.answered = self._first
        try:
            return self._taken()
        except UnreadableError:
            self._by_gufo = True
            raise

    def _own(self, data: bytes) -> Pdu | None:
        """Return the answer in a datagram, where it is one to a try of ours."""
        if len(data) > OCTETS_AT_MOST:  # what gufo-snmp would not read is not read here either
            raise UnreadableError(f"{len(data)} bytes, where {OCTETS_AT_MOST} can be read")
        try:
            message = decode(data)
        except BerError as error:
            if self._taken is None:
                raise UnreadableError(str(error)) from None
            return None  # gufo-snmp may read it, or says what is wrong
        pdu = message.pdu
        if not isinstance(pdu, Pdu) or pdu.type is not PduType.RESPONSE or pdu.request_id not in self._ours:
            return None
        if message.community != self._asking.community:
            raise StrayError("another community")
        return pdu

    def _message(self, request_id: int) -> Message:
        asking = self._asking
        return Message(asking.version, asking.community, self._pdu()._replace(request_id=request_id))
