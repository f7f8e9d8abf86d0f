"""One request and its answer on a UDP socket: waiting, retries, bounds, and what it cost. Knows no SNMP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent

T = TypeVar("T")

REQUESTS_AT_MOST: Final = 25_000
"""Of one conversation, whatever the agent does: a table of 20,000 rows, one row at a time."""

SILENT: Final = 2
"""Questions without an answer, of an agent that answers others, after which further silence is no surprise."""

LOST_ONE_IN: Final = 20
"""Where more answers than one in so many came at a further try only, silence may be the way's and not the agent's."""

FAR_S: Final = 0.3
"""Round trips from which on no answer larger than a frame is asked for: a fragment that gets lost costs too much."""

DATAGRAM_AT_MOST: Final = 65_535

LYING_AT_MOST: Final = 1_000
"""Datagrams that are counted when a conversation ends."""

UNREACHABLE_OCTETS: Final = 576
"""At most, of the ICMP message that an answer gets whose socket is closed by now (RFC 1812, section 4.3.2.3)."""

# As numbers: flags of `enum` cost more to put together than the kernel takes to look.
_AT_ONCE: Final = int(socket.MSG_DONTWAIT)
_LOOK: Final = int(socket.MSG_PEEK) | _AT_ONCE

_HEADERS: Final = {socket.AF_INET: 28, socket.AF_INET6: 48}


class UnreadableError(Exception):
    """An answer that can't be understood."""


class StrayError(BlockingIOError):
    """A datagram that is no answer to the question under way. reason: what tells it, in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SpentError(WireError):
    """The next request would take more octets than the conversation may: it was not sent, the agent is not to blame."""


class Exchange:
    """Sends one request at a time and waits for its answer, with retries.

    requests: datagrams sent. octets: on the wire, both ways, with the headers of UDP and IP. answer_octets: of the last
    datagram that came, without headers. answered: whether an answer came at all. unreadable: how many answers in a row,
    up to the last one, could not be understood.
    """

    def __init__(self, agent: Agent, memory: AgentMemory) -> None:
        self._agent = agent
        self._memory = memory
        self._fd = -1
        self._peeking: socket.socket | None = None
        self._header = _HEADERS[socket.AF_INET6 if ":" in agent.address else socket.AF_INET]
        self._loop: asyncio.AbstractEventLoop | None = None  # while it watches the socket
        self._waiting: asyncio.Future[bytes] | None = None
        self._sent_s: list[float] = []  # of the tries of this request
        self._strays = 0  # datagrams that came to this request and were no answer, at least
        self._stray = ""
        self._largest = 0  # of the answers so far: the next one may be as large
        self._owed: list[int] = []  # octets of answers to come, to tries behind the one that was answered
        self.answer_octets = 0  # of the last datagram, without headers
        self.requests = 0
        self.octets = 0
        self.answered = False
        self.unreadable = 0
        self._questions = 0  # that were answered
        self._repeated = 0  # of these, at a further try
        self._silent = 0  # that were not, of an agent that answers others

    @property
    def tries_in_doubt(self) -> int | None:
        """Return the tries for what the agent may lack: one where it is silent on such things, None for all.

        Where answers get lost on the way it is not known to be: then all tries are worth their time.
        """
        return 1 if self._silent >= SILENT and not self.is_lossy else None

    @property
    def is_lossy(self) -> bool:
        """Return whether answers get lost on the way."""
        return self._repeated * LOST_ONE_IN > self._questions

    def attach(self, fd: int) -> None:
        """Use a connected socket that does not block; its owner closes it, after `detach`."""
        self._fd = fd
        family = socket.AF_INET6 if ":" in self._agent.address else socket.AF_INET
        self._peeking = socket.socket(family, socket.SOCK_DGRAM, 0, fileno=fd)

    def detach(self) -> None:
        """Let the socket go. What lies in it was on the wire, and what is still to come will be."""
        self._look_away()
        if self.requests > self._questions:  # else each answer was taken
            self._drain()
        for size in self._owed:
            self.octets += size + min(size + _HEADERS[socket.AF_INET], UNREACHABLE_OCTETS)
        self._owed.clear()
        if self._peeking is not None:
            self._peeking.detach()
            self._peeking = None
        self._fd = -1

    def _drain(self) -> None:
        with suppress(OSError):
            for _ in range(LYING_AT_MOST):
                self._came(self.receive())

    def send(self, data: bytes) -> None:
        """Send a datagram on the socket. Raises BlockingIOError where it would block."""
        self._attached().send(data)

    def receive(self) -> bytes:
        """Return the next datagram. Raises BlockingIOError where there is none."""
        return self._attached().recv(DATAGRAM_AT_MOST, _AT_ONCE)

    def _attached(self) -> socket.socket:
        if self._peeking is None:
            raise RuntimeError("the exchange has no socket")
        return self._peeking

    async def ask(
        self,
        send: Callable[[], None],
        receive: Callable[[], T],
        what: str,
        size: int,
        *,
        reply: int = 0,
        again: bool = True,
        tries: int | None = None,
        answered: Callable[[], int] = lambda: -1,
        check: Callable[[bytes], None] = lambda _: None,
    ) -> T:
        """Send and wait for the answer, with retries; after one that can't be understood only if `again`.

        send, receive: raise BlockingIOError where they would block; receive also for a datagram that is no answer, and
        UnreadableError for one that can't be understood. size: of the request in octets, at most; reply: of the answer,
        as far as one can tell. StopAsyncIteration (end of a walk) passes through. tries: in place of the agent's
        retries. answered: which try the answer answers, from 0; -1 where that can't be told. check: looks at each
        datagram before `receive` may; what it raises, as `receive` does, uses that datagram up.
        Raises WireError: timeout, refused, protocol, or what `receive` raises.
        """
        address = self._agent.address
        garbage = ""
        self._sent_s, self._strays = [], 0
        began_s = asyncio.get_running_loop().time()
        tries = tries or self._agent.retries + 1
        for number in range(tries):
            self._count(size, reply)
            last = number + 1 == tries or not self._agent.soon
            wait_s = self._memory.round_trip.wait_s(self._agent.timeout_s, number, last=last)
            try:
                await self._write(send)
                result = await self._read(receive, check, wait_s)
            except TimeoutError:
                continue
            except ConnectionRefusedError as error:
                reason = f"{address}: port {self._agent.port} is refused: no SNMP agent listens there"
                raise WireError(FailureKind.REFUSED, reason) from error
            except UnreadableError as error:
                accident = again and not garbage
                garbage = str(error)
                if not accident:
                    break
            except OSError as error:
                reason = f"{address}: no way to the device: {(error.strerror or str(error)).lower()}"
                raise WireError(FailureKind.REFUSED, reason, ours=is_ours(error)) from error
            except StopAsyncIteration:
                self._is_answered(answered())
                raise
            else:
                self._is_answered(answered())
                return result
        if garbage:
            self.unreadable += 1
            raise WireError(FailureKind.PROTOCOL, f"{address}: the answer to the {what} can't be understood: {garbage}")
        self._silent += self.answered
        if not self.answered:
            self._memory.round_trip.silent()
        waited = f"{asyncio.get_running_loop().time() - began_s:.3g} s"
        tried = f"1 try of {waited}" if tries == 1 else f"{tries} tries of {waited} in all"
        raise WireError(FailureKind.TIMEOUT, f"{address}: no answer to the {what} in {tried}{self._hint()}")

    def _hint(self) -> str:
        """Return why there may be no answer, as the end of a sentence."""
        if self._strays:
            came = "1 answer came that belongs" if self._strays == 1 else f"{self._strays} answers came that belong"
            return f": {came} to no question of ours: {self._stray}; raise the timeout, or see to its SNMP agent"
        if self.answered:
            return f", where others came after {self._memory.round_trip.mean_s:.2g} s"
        return ": it is down, filtered, or the credentials are not its own"

    def _count(self, size: int, reply: int) -> None:
        """Count a request before it is sent. Raises WireError where it is one too many."""
        agent = self._agent
        cost = size + self._header
        # An answer is as large as the largest so far, and has all names of its question at least.
        expected = max(self._largest, cost, reply + self._header if reply else 0)
        if agent.octets_at_most is not None and self.octets + cost + expected > agent.octets_at_most:
            reason = f"{agent.address}: the {agent.octets_at_most} bytes that this poll may take are spent"
            raise SpentError(FailureKind.REFUSED, reason)
        if self.requests >= REQUESTS_AT_MOST:
            reason = f"{agent.address}: {REQUESTS_AT_MOST} requests in one poll are more than any agent needs"
            raise WireError(FailureKind.TIMEOUT, reason)
        self.requests += 1
        self.octets += cost

    def _is_answered(self, which: int) -> None:
        """Take the round trip of the try that was answered; those behind it will be answered too, where it was slow."""
        self.answered, self.unreadable = True, 0
        self._questions += 1
        memory, tries, size = self._memory, len(self._sent_s), self.answer_octets
        if tries > 1:
            self._repeated += 1
        if which >= 0 or tries == 1:
            memory.round_trip.take(asyncio.get_running_loop().time() - self._sent_s[which])
            if 0 <= which < tries - 1:
                self._owed += [size + self._header] * (tries - 1 - which)
        if size > memory.sizes.octets and not self.is_lossy and memory.round_trip.mean_s < FAR_S:
            memory.sizes.came(size)

    async def _write(self, send: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            send()
        except BlockingIOError:
            writable = loop.create_future()
            loop.add_writer(self._fd, _wake, writable)
            try:
                async with asyncio.timeout(self._agent.timeout_s):
                    await writable
            finally:
                loop.remove_writer(self._fd)
            send()
        self._sent_s.append(loop.time())

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is None:
            loop.add_reader(self._fd, self._readable)
            self._loop = loop

    def _look_away(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._loop = None

    def _readable(self) -> None:
        """Hand over the datagram that is next; it stays in the socket until it is received.

        The loop looks once more before that is done, and calls for nothing when the next question is on its way.
        """
        waiting = self._waiting
        if waiting is None:
            self._look_away()  # a second answer: it lies there until the next question, and wakes nobody meanwhile
        elif not waiting.done():
            try:
                data = self._attached().recv(DATAGRAM_AT_MOST, _LOOK)
            except ConnectionRefusedError as error:  # the kernel tells it once, and has told us
                waiting.set_exception(error)
            except OSError:  # nothing is there, or an error that passes
                return
            else:
                waiting.set_result(data)

    async def _read(self, receive: Callable[[], T], check: Callable[[bytes], None], wait_s: float) -> T:
        loop = asyncio.get_running_loop()
        deadline = self._sent_s[-1] + wait_s
        while True:
            self._waiting = loop.create_future()
            self._look(loop)
            timer = loop.call_at(deadline, _expire, self._waiting)
            try:
                data = await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
            self._came(data)
            try:
                self._look_at(data, check)
                return receive()
            except BlockingIOError as stray:  # somebody else's datagram, or an answer to an earlier question
                self._strays += 1
                self._stray = stray.reason if isinstance(stray, StrayError) else "another request id"
                if self._owed:
                    self._owed.pop()  # it has come, and is counted
                if loop.time() >= deadline:
                    raise TimeoutError from None

    def _look_at(self, data: bytes, check: Callable[[bytes], None]) -> None:
        try:
            check(data)
        except (UnreadableError, BlockingIOError):
            self.receive()
            raise

    def _came(self, data: bytes) -> None:
        """Count a datagram."""
        self.answer_octets = len(data)
        size = len(data) + self._header
        self._largest = max(self._largest, size)
        self.octets += size


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _expire(future: asyncio.Future[bytes]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())
