"""v3: a link to an agent for a user (RFC 3412, RFC 3414), by our own codec (ADR 0011).

The engine is remembered between conversations, so that a poll begins with its first question. What the agent reports is
told apart and, where its clock is another or the engine is another one by now, made good within the same question.
Answers are believed only with a right digest.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Final

from noc.model.reading import Engine, FailureKind, Raw
from noc.wire.ber import ErrorStatus, Oid, Pdu, PduType, VarBind
from noc.wire.errors import WireError
from noc.wire.snmp.answers import asking, following, items, last, numbers, values
from noc.wire.snmp.conversation import RECEIVE_BUFFER_BYTES, Conversation
from noc.wire.snmp.link import Following, Item
from noc.wire.snmp.memory import AgentMemory, EngineClock
from noc.wire.snmp.messages import MAX_SIZE, Asker, ReportedError, discovery
from noc.wire.snmp.model import Agent
from noc.wire.snmp.reports import Report, dialect_hint, refusal
from noc.wire.snmpusers import User

AUTHORIZATION_ERROR: Final = 16
"""error-status of an agent whose access control lets a user read nothing (RFC 3416, RFC 3415)."""

CORRECTIONS: Final = 3
"""Times that one question is asked anew because the agent reports another clock or engine."""


class ForbiddenError(WireError):
    """The agent answered that its access control lets the user read nothing."""


class UserLink(Conversation):
    """A link to an agent of v3."""

    batched = True

    def __init__(self, agent: Agent, user: User, memory: AgentMemory) -> None:
        super().__init__(agent, memory)
        self._user = user
        self._asker = Asker(user, memory, os.urandom(8), agent.context)
        self._socket: socket.socket | None = None

    @property
    def engine(self) -> Engine | None:
        """Return the engine at the other end, once a digest proved it."""
        clock = self._memory.engine
        if clock is None or not self._asker.proved or self._user.auth is None:
            return None
        return clock.seen(asyncio.get_running_loop().time())

    async def open(self) -> None:
        """Open the socket, and find the engine where it is not known. Raises WireError: timeout, refused."""
        agent = self._agent
        family = socket.AF_INET6 if ":" in agent.address else socket.AF_INET
        try:
            opened = self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            opened.connect((agent.address, agent.port))
        except OSError as error:
            raise self._no_way(error) from error
        self._exchange.attach(opened.fileno())
        if self._memory.engine is None:
            await self._discover()

    def close(self) -> None:
        """Give the socket back."""
        self._exchange.detach()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def get(self, oids: list[str], what: str) -> dict[str, Raw]:
        """Return the values that the agent gives: not for objects that it lacks, and none at all after an error."""
        return values(await self.ask(Pdu(PduType.GET, 0, 0, 0, asking(oids)), what))

    async def following(self, oids: list[str], what: str, tries: int | None = None) -> Following:
        """Return which objects follow these: one GETNEXT for all."""
        question = Pdu(PduType.GET_NEXT, 0, 0, 0, asking(oids))
        return following(await self.ask(question, what, again=False, tries=tries), len(oids))

    def steps(self, column: str, rows: int, tries: int | None = None) -> _Steps:
        """Begin a walk; how many rows are asked for is said at each step."""
        return _Steps(self, numbers(column), tries)

    async def ask(self, pdu: Pdu, what: str, *, again: bool = True, tries: int | None = None, reply: int = 0) -> Pdu:
        """Return the response to a request. Raises WireError; auth where the agent refuses the user or its keys."""
        for _ in range(CORRECTIONS):
            try:
                answer = await self._once(pdu, what, again=again, tries=tries, reply=reply)
            except ReportedError as error:
                self._exchange.answered = True
                if not self._correct(error):
                    failure = refusal(error.report, error.pdu, self._user, self._agent.address)
                    raise WireError(failure.kind, failure.reason) from None
                report = error
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT or self._asker.proved:
                    raise
                if not await self._is_other(error):
                    reason = f"the agent answers, but not to user '{self._user.name}': " + self._asker.doubt
                    raise WireError(
                        FailureKind.AUTH, f"{self._agent.address}: {reason}{dialect_hint(self._user)}"
                    ) from error
                report = None
            else:
                if answer.error_status == AUTHORIZATION_ERROR:
                    raise ForbiddenError(FailureKind.AUTH, f"{self._agent.address}: {self._forbidden()}")
                return answer
        if report is None:
            raise WireError(FailureKind.AUTH, f"{self._agent.address}: the agent's engine is another one each time")
        failure = refusal(report.report, report.pdu, self._user, self._agent.address)
        raise WireError(failure.kind, failure.reason)

    async def _once(self, pdu: Pdu, what: str, *, again: bool, tries: int | None, reply: int) -> Pdu:
        """Ask one question; each try of it is a message of its own, so that late answers tell which one they answer."""
        loop, asker = asyncio.get_running_loop(), self._asker
        asker.begin(pdu)
        first = asker.message(loop.time())
        waiting: list[bytes] = [first]

        def send() -> None:
            data = waiting[-1] if waiting else asker.message(loop.time())
            waiting[:] = [data]
            self._opened().send(data)
            waiting.clear()

        def receive() -> Pdu:
            return asker.take(self._exchange.receive(), loop.time())

        return await self._exchange.ask(
            send,
            receive,
            what,
            len(first) + 4,
            reply=reply,
            again=again,
            tries=tries,
            answered=lambda: asker.answered_try,
        )

    def _correct(self, error: ReportedError) -> bool:
        """Take what a report tells of the engine. Return whether the question is worth asking again."""
        clock, known = error.clock, self._memory.engine
        if error.report is Report.NOT_IN_TIME_WINDOW:
            self._memory.engine = clock
            return True
        if error.report is Report.UNKNOWN_ENGINE and known is not None and clock.engine_id != known.engine_id:
            self._memory.engine = clock
            return bool(clock.engine_id)
        return False

    async def _is_other(self, error: WireError) -> bool:
        """Return whether the agent's engine is another, or its clock, than is remembered; raise where it is silent.

        Agents need not tell why they drop a message (RFC 3414, section 3.2).
        """
        known = self._memory.engine
        try:
            await self._discover(tries=1)
        except WireError as silence:
            raise error from silence
        found = self._memory.engine
        at_s = asyncio.get_running_loop().time()
        return known is not None and found is not None and not found.agrees(known, at_s)

    async def _discover(self, tries: int | None = None) -> None:
        """Ask for the engine (RFC 3414, section 4)."""
        loop = asyncio.get_running_loop()
        found: list[EngineClock] = []
        message_id, data = discovery()

        def receive() -> None:
            found.append(self._asker.discovered(self._exchange.receive(), message_id, loop.time()))

        await self._exchange.ask(
            lambda: _sent(self._opened().send(data)), receive, "discovery of the engine", len(data), tries=tries
        )
        self._memory.engine = found[-1]

    def _forbidden(self) -> str:
        return (
            f"the agent knows user '{self._user.name}' and lets it read nothing at the level {self._user.level}:"
            " give the user a view on the device, or the credentials the level that the device asks for"
        )

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("SnmpSession.open was not awaited")
        return self._socket


class _Steps:
    """A walk of one column. most: rows that the agent takes at once."""

    def __init__(self, link: UserLink, column: Oid, tries: int | None) -> None:
        self._link = link
        self._tries = tries
        self._column = column
        self._at = column
        self._most = MAX_SIZE

    async def next(self, what: str, rows: int, octets: int = 0) -> Sequence[Item]:
        """Return the objects that follow; see Steps. An agent that finds its answer too big is asked for less."""
        while True:
            asked = min(rows, self._most)
            pdu = Pdu(PduType.GET_BULK, 0, 0, asked, (VarBind(self._at),))
            answer = await self._link.ask(pdu, what, again=False, tries=self._tries, reply=octets)
            if answer.error_status != ErrorStatus.TOO_BIG or asked == 1:
                break
            self._most = max(1, asked // 2)
        found = items(answer, self._column)
        if not found:
            raise StopAsyncIteration
        self._at = last(answer) or self._at
        return found


def _sent(_: int) -> None:
    """Let go of how many octets were sent: a datagram goes whole."""
