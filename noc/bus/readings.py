"""Readings as messages: what a poller's checks brought home, in the form that the centre takes in again. Pure.

A Reading comes back as it was, but for its times, which are whole microseconds, and for what the poller alone needs
(`known`). Of an SNMP answer only what moved since its base goes along (noc.bus.briefs).
"""

from __future__ import annotations

from typing import Final

import msgspec

from noc.bus.bases import Keeping, Told, Writing
from noc.bus.briefs import US, BriefText, UnknownBaseError, brief, moment, read_brief
from noc.bus.cells import Moved, answered, applied
from noc.bus.packing import PackingError, raw, unpacked
from noc.model.instants import to_us
from noc.model.reading import (
    ConnectAnswer,
    Engine,
    Failure,
    FailureKind,
    HostKeyChange,
    PartFailure,
    PingAnswer,
    Reading,
    SnmpAnswer,
    SshAnswer,
)
from noc.model.replies import DnsReply, HttpReply, NtpReply, Reply, SmtpReply, TcpReply, TlsReply

_REPLIES: Final[dict[str, type[Reply]]] = {
    "dns": DnsReply,
    "http": HttpReply,
    "ntp": NtpReply,
    "smtp": SmtpReply,
    "tcp": TcpReply,
    "tls": TlsReply,
}
_NAMES: Final = {kind: name for name, kind in _REPLIES.items()}


class Step(msgspec.Struct, array_like=True, frozen=True):
    """What moved in a column, as noc.bus.cells.Moved."""

    place: int
    values: bytes | tuple[object, ...]
    rows: tuple[int, ...] = ()


class Snmp(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    """An answer in frames of version 1. base: digest of what it differs from. ages: seconds, by object, of what was not
    asked for this time.
    """

    base: bytes
    moved: tuple[Step, ...]
    ages: tuple[tuple[str, float], ...] = ()
    engine: tuple[str, int, int] | None = None


class Ping(msgspec.Struct, array_like=True, frozen=True, tag="p"):
    """rtts_us: of each echo request; -1 where none came back."""

    rtts_us: tuple[int, ...]


class Connect(msgspec.Struct, array_like=True, frozen=True, tag="c"):
    """A connection that was accepted."""

    port: int
    took_us: int


class Shell(msgspec.Struct, array_like=True, frozen=True, tag="h"):
    """Answers by SSH. key: the host key that was known, and the one shown, where they differ."""

    answers: tuple[SshAnswer, ...] | None
    key: tuple[str, str] | None
    profile: str


class EndPoint(msgspec.Struct, array_like=True, frozen=True, tag="r"):
    """A reply of an end point. kind: which; said: the reply, packed."""

    kind: str
    said: msgspec.Raw


Content = Snmp | Ping | Connect | Shell | EndPoint | None


class OldReadingText(msgspec.Struct, array_like=True, frozen=True):
    """A Reading in frames of version 1. check: the key of its check. at_us: of the Unix epoch. failure: kind and
    reason.
    """

    check: str
    address: str
    at_us: int
    took_us: int
    content: Content = None
    failure: tuple[FailureKind, str] | None = None
    parts: tuple[tuple[str, str], ...] = ()
    octets: int | None = None


class ReadingText(OldReadingText, array_like=True, frozen=True, tag=0):
    """A Reading that differs from no base."""


def written(check: str, reading: Reading, bases: Writing) -> tuple[ReadingText | BriefText, Told | None]:
    """Return a Reading as it is sent, and what its base is. check: its key. bases: of this poller."""
    if reading.snmp is not None:
        told = bases.take(check, reading, reading.snmp)
        return brief(reading, reading.snmp, told), told
    failure = reading.failure
    text = ReadingText(
        check,
        reading.address,
        to_us(reading.started_at),
        round(reading.duration_s * US),
        _content(reading),
        None if failure is None else (failure.kind, failure.reason),
        tuple([(part.what, part.reason) for part in reading.parts]),
        reading.octets,
    )
    return text, None


def anew(text: OldReadingText) -> ReadingText:
    """Return a reading of version 1 as it is sent now."""
    return ReadingText(*msgspec.structs.astuple(text))


def key_of(text: ReadingText | BriefText, bases: Keeping) -> str:
    """Return the key of the check that a reading is of; empty where its base isn't here."""
    if isinstance(text, ReadingText):
        return text.check
    base = bases.of(text.base)
    return "" if base is None else base.whose.check


def read(text: ReadingText | BriefText, poller: str, bases: Keeping) -> tuple[str, Reading]:
    """Return the Reading that was sent, with the key of its check.

    Raises UnknownBaseError; CellsError and PackingError where it isn't one.
    """
    if isinstance(text, BriefText):
        return read_brief(text, poller, bases)
    content, snmp = text.content, None
    if isinstance(content, Snmp):
        snmp = _snmp(content, bases)
    shell = content if isinstance(content, Shell) else None
    return text.check, Reading(
        check=text.check.rpartition(":")[2],
        address=text.address,
        poller=poller,
        started_at=moment(text.at_us),
        duration_s=text.took_us / US,
        failure=None if text.failure is None else Failure(*text.failure),
        parts=tuple([PartFailure(what, reason) for what, reason in text.parts]),
        snmp=snmp,
        ping=_ping(content) if isinstance(content, Ping) else None,
        connect=ConnectAnswer(content.port, content.took_us / US) if isinstance(content, Connect) else None,
        ssh=None if shell is None else shell.answers,
        host_key=None if shell is None or shell.key is None else HostKeyChange(*shell.key),
        profile="" if shell is None else shell.profile,
        reply=_reply(content) if isinstance(content, EndPoint) else None,
        octets=text.octets,
        engine=Engine(*content.engine) if isinstance(content, Snmp) and content.engine is not None else None,
    )


def _moves(said: tuple[Step, ...]) -> list[Moved]:
    """Return what moved, as it was sent. Raises PackingError."""
    return [
        Moved(one.place, one.values if isinstance(one.values, bytes) else raw(one.values), one.rows) for one in said
    ]


def _content(reading: Reading) -> Content:
    if reading.ping is not None:
        return Ping(tuple([-1 if rtt is None else round(rtt * US) for rtt in reading.ping.rtts_s]))
    if reading.connect is not None:
        return Connect(reading.connect.port, round(reading.connect.connect_s * US))
    if reading.ssh is not None or reading.host_key is not None:
        key = reading.host_key
        return Shell(reading.ssh, None if key is None else (key.known, key.shown), reading.profile)
    if reading.reply is not None:
        return EndPoint(_NAMES[type(reading.reply)], msgspec.Raw(msgspec.msgpack.encode(reading.reply)))
    return None


def _snmp(content: Snmp, bases: Keeping) -> SnmpAnswer:
    base = bases.of(content.base)
    if base is None:
        raise UnknownBaseError(content.base)
    return answered(base.shape, applied(_moves(content.moved), base.cells), dict(content.ages))


def _ping(content: Ping) -> PingAnswer:
    return PingAnswer(tuple([None if one < 0 else one / US for one in content.rtts_us]))


def _reply(content: EndPoint) -> Reply:
    kind = _REPLIES.get(content.kind)
    if kind is None:
        raise PackingError(f"there are no replies of the kind {content.kind!r}")
    return unpacked(bytes(content.said), kind)
