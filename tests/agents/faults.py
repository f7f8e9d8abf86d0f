"""What agents do wrong, one way each. Most are known of real devices; `tests/agents/snmp.py` has the honest agent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from noc.wire.ber import ErrorStatus, Message, Oid, Pdu, PduType, Tag, Version, encode_varbind
from noc.wire.ber_values import encode_element, encode_oid
from tests.agents.snmp import Agent, Fault

Change = Callable[[bytes], bytes]


def odd_varbind(oid: Oid, tag: int, content: bytes) -> bytes:
    """Return an encoded varbind whose value has any tag and content."""
    return encode_element(0x30, encode_element(Tag.OID, encode_oid(oid)) + encode_element(tag, content))


def with_id(request: Message, request_id: int) -> Message:
    """Return the request under another request-id."""
    assert isinstance(request.pdu, Pdu)
    return request._replace(pdu=request.pdu._replace(request_id=request_id))


# --- the answer as a whole --------------------------------------------------------------------------------------------


@dataclass
class Damaged(Fault):
    """Answers with changed bytes, from the request of this number (from 0) on."""

    change: Change
    first: int = 0

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        for answer in super().answers(agent, request):
            yield self.change(answer) if agent.requests > self.first else answer


def garbage(answer: bytes) -> bytes:
    """Bytes that are no BER at all."""
    return b"\xff" * len(answer)


def truncated(answer: bytes) -> bytes:
    """A message without its end."""
    return answer[:-5]


def mutated(seed: int) -> Change:
    """Answers with some bytes changed, differently each time, the same in each run."""
    dice = random.Random(seed)  # noqa: S311

    def change(answer: bytes) -> bytes:
        damaged = bytearray(answer)
        for _ in range(dice.randrange(4)):
            damaged[dice.randrange(len(damaged))] = dice.choice(
                [0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF, dice.randrange(256)]
            )
        return bytes(damaged)

    return change


@dataclass
class Silent(Fault):
    """Answers the first requests only."""

    answered: int = 0

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        return super().answers(agent, request) if agent.requests <= self.answered else ()


@dataclass
class SilentBelow(Fault):
    """Does not answer what follows an object below one of these, as agents that fail at a table of theirs."""

    tops: frozenset[Oid]

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        is_get = isinstance(request.pdu, Pdu) and request.pdu.type is PduType.GET
        asked = [varbind.oid for varbind in request.pdu.varbinds]
        silent = not is_get and any(oid[: len(top)] == top for oid in asked for top in self.tops)
        return () if silent else super().answers(agent, request)


class DropsEverySecond(Fault):
    """Does not answer the first, third, fifth… request."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        return super().answers(agent, request) if agent.requests % 2 == 0 else ()


@dataclass
class SilentAbove(Fault):
    """Does not answer a request for more than so many objects, as if its large answers got lost on the way."""

    most: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        return super().answers(agent, request) if len(request.pdu.varbinds) <= self.most else ()


class Twice(Fault):
    """Answers everything twice."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        for answer in super().answers(agent, request):
            yield from (answer, answer)


@dataclass
class OtherRequestId(Fault):
    """Answers under another request-id; if `then_right`, once more under the right one."""

    then_right: bool = False

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        assert isinstance(request.pdu, Pdu)
        yield from super().answers(agent, with_id(request, request.pdu.request_id ^ 0x55))
        if self.then_right:
            yield from super().answers(agent, request)


class OtherCommunity(Fault):
    """Answers under another community than it was asked with."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        for answer in super().answers(agent, request):
            yield answer.replace(b"\x04\x06public", b"\x04\x06sesame")


@dataclass
class OtherPort(Fault):
    """Answers from another port than it was asked on."""

    other: asyncio.DatagramTransport

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        for answer in super().answers(agent, request):
            self.other.sendto(answer, agent.asker)
        return ()


@dataclass
class Stale(Fault):
    """Sends many answers to questions of long ago before each right one."""

    count: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        assert isinstance(request.pdu, Pdu)
        stale = agent.response(with_id(request, request.pdu.request_id ^ 0x55), [])
        yield from [stale] * self.count
        yield from super().answers(agent, request)


# --- errors -----------------------------------------------------------------------------------------------------------


@dataclass
class ErrorFor(Fault):
    """Answers a GET with an error when one of these objects is among those asked."""

    oids: frozenset[Oid]
    status: int = ErrorStatus.GEN_ERR

    def refusal(self, asked: tuple[Oid, ...]) -> tuple[int, int] | None:
        return next(((self.status, at) for at, oid in enumerate(asked, 1) if oid in self.oids), None)


@dataclass
class ErrorsFrom(Fault):
    """Answers every GET with genErr from the request of this number (from 0) on."""

    first: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        if agent.requests > self.first and isinstance(request.pdu, Pdu) and request.pdu.type is PduType.GET:
            return [agent.error(request, ErrorStatus.GEN_ERR, 1)]
        return super().answers(agent, request)


@dataclass
class OneError(Fault):
    """Answers one GET, that of this number (from 0), with genErr."""

    number: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        gets = sum(kind is PduType.GET for kind, _ in agent.asked)
        if gets == self.number + 1 and isinstance(request.pdu, Pdu) and request.pdu.type is PduType.GET:
            return [agent.error(request, ErrorStatus.GEN_ERR, 1)]
        return super().answers(agent, request)


@dataclass
class TooBigAbove(Fault):
    """Answers a GET of more than so many objects with tooBig."""

    most: int

    def refusal(self, asked: tuple[Oid, ...]) -> tuple[int, int] | None:
        return (ErrorStatus.TOO_BIG, 0) if len(asked) > self.most else None


@dataclass
class HalfFilledError(Fault):
    """Answers with genErr and the values that it had got up to the object that it can't read."""

    oid: Oid

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        names = [varbind.oid for varbind in request.pdu.varbinds]
        if self.oid not in names:
            return super().answers(agent, request)
        at = names.index(self.oid)
        got = [agent.value(oid, request.version) or b"" for oid in names[:at]]
        rest = [encode_varbind(oid, Tag.NULL, None) for oid in names[at:]]
        return [agent.response(request, got + rest, ErrorStatus.GEN_ERR, at + 1)]


@dataclass
class AnswersOnly(Fault):
    """Leaves out what a GET asks beyond so many objects, without a word."""

    most: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        if isinstance(request.pdu, Pdu) and request.pdu.type is PduType.GET:
            request = request._replace(pdu=request.pdu._replace(varbinds=request.pdu.varbinds[: self.most]))
        return super().answers(agent, request)


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass
class EndlessTable(Fault):
    """Has a further row in each column of a table, for ever."""

    entry: Oid

    def following(self, agent: Agent, oid: Oid, version: Version) -> Oid | None:
        size = len(self.entry)
        if oid[:size] == self.entry and len(oid) > size:
            return (*oid[: size + 1], oid[size + 1] + 1 if len(oid) > size + 1 else 1)
        return super().following(agent, oid, version)

    def varbind(self, agent: Agent, oid: Oid) -> bytes | None:
        if oid[: len(self.entry)] == self.entry:
            return encode_varbind(oid, Tag.INTEGER, oid[-1])
        return super().varbind(agent, oid)


@dataclass
class LoopingTable(Fault):
    """Goes back from one object to another: to the first row, or (both the same) stays where it is."""

    jumps: dict[Oid, Oid]

    def following(self, agent: Agent, oid: Oid, version: Version) -> Oid | None:
        return self.jumps.get(oid) or super().following(agent, oid, version)


@dataclass
class EndsHalfWay(Fault):
    """Says endOfMibView behind these objects, although there is more."""

    last: frozenset[Oid]

    def following(self, agent: Agent, oid: Oid, version: Version) -> Oid | None:
        return None if oid in self.last else super().following(agent, oid, version)


@dataclass
class OddCells(Fault):
    """Has values of other types than SNMP knows, or of wrong ones."""

    cells: dict[Oid, bytes] = field(default_factory=dict)

    def varbind(self, agent: Agent, oid: Oid) -> bytes | None:
        return self.cells.get(oid) or super().varbind(agent, oid)


@dataclass
class Vanishes(Fault):
    """Has these objects only until the request of this number (from 0)."""

    oids: frozenset[Oid]
    first: int

    def varbind(self, agent: Agent, oid: Oid) -> bytes | None:
        return None if oid in self.oids and agent.requests > self.first else super().varbind(agent, oid)
