"""One request and its answer on a UDP socket: waiting, retries, bounds, and what it cost. Knows no SNMP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final, TypeVar

from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent

T = TypeVar("T")

REQUESTS_AT_MOST: Final = 25_000
"""Of one conversation, whatever the agent does: a table of 20,000 rows, one row at a time."""

SILENT: Final = 2
"""Questions without an answer, of an agent that answers others, after which further silence is no surprise."""

LOST_ONE_IN: Final = 20
"""Where more answers than one in so many came at a further try only, silence may be the way's and not the agent's."""

DATAGRAM_AT_MOST: Final = 65_535

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

    requests: datagrams sent. octets: on the wire, both ways, with the headers of UDP and IP. answered: whether an
    answer came at all. unreadable: how many answers in a row, up to the last one, could not be understood.
    """

    def __init__(self, agent: Agent, memory: AgentMemory) -> None:
        self._agent = agent
        self._memory = memory
        self._fd = -1
        self._peeking: socket.socket | None = None
        self._header = _HEADERS[socket.AF_INET6 if ":" in agent.address else socket.AF_INET]
        self._loop: asyncio.AbstractEventLoop | None = None  # while it watches the socket
        self._waiting: asyncio.Future[None] | None = None
        self._sent_s: list[float] = []  # of the tries of this request
        self._strays = 0  # datagrams that came to this request and were no answer, at least
        self._stray = ""
        self._largest = 0  # of the answers so far: the next one may be as large
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
        is_lossy = self._repeated * LOST_ONE_IN > self._questions
        return 1 if self._silent >= SILENT and not is_lossy else None

    def attach(self, fd: int) -> None:
        """Use a connected socket that does not block; its owner closes it, after `detach`."""
        self._fd = fd
        family = socket.AF_INET6 if ":" in self._agent.address else socket.AF_INET
        self._peeking = socket.socket(family, socket.SOCK_DGRAM, 0, fileno=fd)

    def detach(self) -> None:
        """Let the socket go."""
        self._look_away()
        if self._peeking is not None:
            self._peeking.detach()
            self._peeking = None
        self._fd = -1

    def send(self, data: bytes) -> None:
        """Send a datagram on the socket. Raises BlockingIOError where it would block."""
        self._attached().send(data)

    def receive(self) -> bytes:
        """Return the next datagram. Raises BlockingIOError where there is none."""
        return self._attached().recv(DATAGRAM_AT_MOST, socket.MSG_DONTWAIT)

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
        again: bool = True,
        tries: int | None = None,
        answered: Callable[[], int] = lambda: -1,
        check: Callable[[bytes], None] = lambda _: None,
    ) -> T:
        """Send and wait for the answer, with retries; after one that can't be understood only if `again`.

        send, receive: raise BlockingIOError where they would block; receive also for a datagram that is no answer, and
        UnreadableError for one that can't be understood. size: of the request in octets, at most. StopAsyncIteration
        (end of a walk) passes through. tries: in place of the agent's retries.
        answered: which try the answer answers; the last one where the others can't be. check: looks at each datagram
        before `receive` may; what it raises, as `receive` does, uses that datagram up.
        Raises WireError: timeout, refused, protocol, or what `receive` raises.
        """
        address = self._agent.address
        garbage = ""
        self._sent_s, self._strays = [], 0
        began_s = asyncio.get_running_loop().time()
        tries = tries or self._agent.retries + 1
        for _ in range(tries):
            self._count(size)
            try:
                await self._write(send)
                result = await self._read(receive, check)
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
                raise WireError(FailureKind.REFUSED, reason) from error
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
        waited = f"{asyncio.get_running_loop().time() - began_s:.3g} s"
        tried = f"1 try of {waited}" if tries == 1 else f"{tries} tries of {waited} in all"
        raise WireError(FailureKind.TIMEOUT, f"{address}: no answer to the {what} in {tried}{self._hint()}")

    def _hint(self) -> str:
        """Return why there may be no answer, as the end of a sentence."""
        if self._strays:
            came = "1 answer came that belongs" if self._strays == 1 else f"{self._strays} answers came that belong"
            return f": {came} to no question of ours: {self._stray}; raise the timeout, or see to its SNMP agent"
        return "" if self.answered else ": it is down, filtered, or the credentials are not its own"

    def _count(self, size: int) -> None:
        """Count a request before it is sent. Raises WireError where it is one too many."""
        agent = self._agent
        cost = size + self._header
        # An answer is as large as the largest so far, and has all names of its question at least.
        if agent.octets_at_most is not None and self.octets + cost + max(self._largest, cost) > agent.octets_at_most:
            reason = f"{agent.address}: the {agent.octets_at_most} bytes that this poll may take are spent"
            raise SpentError(FailureKind.REFUSED, reason)
        if self.requests >= REQUESTS_AT_MOST:
            reason = f"{agent.address}: {REQUESTS_AT_MOST} requests in one poll are more than any agent needs"
            raise WireError(FailureKind.TIMEOUT, reason)
        self.requests += 1
        self.octets += cost

    def _is_answered(self, which: int) -> None:
        self.answered, self.unreadable = True, 0
        self._questions += 1
        self._repeated += len(self._sent_s) > 1
        if self._loop is not None and self._sent_s:
            self._memory.round_trip.take(self._loop.time() - self._sent_s[which])

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
        if self._waiting is None:
            self._look_away()  # a second answer: it lies there until the next question, and wakes nobody meanwhile
        elif not self._waiting.done():
            self._waiting.set_result(None)

    async def _read(self, receive: Callable[[], T], check: Callable[[bytes], None]) -> T:
        loop = asyncio.get_running_loop()
        deadline = self._sent_s[-1] + self._memory.round_trip.wait_s(self._agent.timeout_s)
        while True:
            self._waiting = loop.create_future()
            self._look(loop)
            timer = loop.call_at(deadline, _expire, self._waiting)
            try:
                await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
            data = self._peek()
            try:
                if data is not None:
                    self._look_at(data, check)
                return receive()
            except BlockingIOError as stray:  # somebody else's datagram, or a late answer to an earlier try
                if data is not None:
                    self._strays += 1
                    self._stray = stray.reason if isinstance(stray, StrayError) else "another request id"
                if data is not None and len(self._sent_s) > 1:
                    # The agent is slower than we wait: the try under way will be answered as late.
                    self._memory.round_trip.take(loop.time() - self._sent_s[-2])
                    deadline = self._sent_s[-1] + self._memory.round_trip.wait_s(self._agent.timeout_s)
                if loop.time() >= deadline:
                    raise TimeoutError from None

    def _look_at(self, data: bytes, check: Callable[[bytes], None]) -> None:
        try:
            check(data)
        except (UnreadableError, BlockingIOError):
            self.receive()
            raise

    def _peek(self) -> bytes | None:
        """Return the datagram that is next, if any, and count its octets. Errors of the socket are for who reads it."""
        if self._peeking is None:
            return None
        try:
            data = self._peeking.recv(DATAGRAM_AT_MOST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError as error:
            if isinstance(error, ConnectionRefusedError):  # the kernel tells it once, and has told us
                raise
            return None
        size = len(data) + self._header
        self._largest = max(self._largest, size)
        self.octets += size
        return data


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _expire(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())
