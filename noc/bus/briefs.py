"""Readings of SNMP in brief: by the base that they differ from, which says whose they are, and what moved since. Pure.

A reading's numbers are one row of whole numbers (noc.bus.integers): microseconds since its base was asked, microseconds
that it took, with SNMPv3 the seconds that the engine's clock went on, and then what moved (noc.bus.moving).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from noc.bus import integers
from noc.bus.bases import Base, Keeping, Told, onward
from noc.bus.cells import CellsError, Moved, answered
from noc.bus.integers import IntegersError
from noc.bus.moving import Moves, moved_on
from noc.bus.packing import PackingError, raw
from noc.model.instants import from_us, to_us
from noc.model.reading import Engine, Failure, FailureKind, PartFailure, Reading, SnmpAnswer, SnmpLine

US: Final = 1_000_000


class UnknownBaseError(PackingError):
    """An answer differs from a base that isn't here: it has to be sent whole. digest: of the base."""

    def __init__(self, digest: bytes) -> None:
        super().__init__(f"its base {digest.hex()} isn't here")
        self.digest = digest


class Other(msgspec.Struct, array_like=True, frozen=True):
    """What rows of a column are now that has not numbers alone."""

    place: int
    rows: tuple[int, ...]
    values: tuple[object, ...]


class More(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What few readings have. is_whole: tables without rows were read too. failure: kind and reason. ages_us: of
    objects that the base has no column of. line: to the agent: round trip and wait in microseconds, octets and objects.
    """

    is_whole: bool = False
    failure: tuple[FailureKind, str] | None = None
    parts: tuple[tuple[str, str], ...] = ()
    octets: int | None = None
    ages_us: tuple[tuple[str, int], ...] = ()
    line: tuple[int, int, int, int] | None = None


class BriefText(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=1):
    """A Reading that differs from a base. ages: of objects that were not asked for this time: microseconds since then,
    and a bit for each name of the base's columns in their order, the lowest first.
    """

    base: bytes
    numbers: bytes
    others: tuple[Other, ...] = ()
    ages: tuple[tuple[int, bytes], ...] = ()
    more: More | None = None


class Onward(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag="m"):
    """A base as what moved since one before it. before: the digest of that."""

    before: bytes
    numbers: bytes
    others: tuple[Other, ...] = ()


def brief(reading: Reading, answer: SnmpAnswer, told: Told) -> BriefText:
    """Return a reading of SNMP as it is sent. told: what its base is, and what moved since."""
    base = told.base
    head = (to_us(reading.started_at) - base.whose.at_us, round(reading.duration_s * US))
    names = _names(base)
    ages_us = {name: round(age_s * US) for name, age_s in answer.ages_s.items()}
    failure = reading.failure
    more = More(
        told.is_whole,
        None if failure is None else (failure.kind, failure.reason),
        tuple([(part.what, part.reason) for part in reading.parts]),
        reading.octets,
        tuple([(name, age_us) for name, age_us in ages_us.items() if name not in names]),
        _packed_line(reading.line) if told.fresh else None,  # it moves little, and each octet crosses a thin line
    )
    return BriefText(
        base.digest,
        integers.pack([*head, *_clock(reading.engine, base), *told.moves.numbers]),
        _said(told.moves),
        _packed_ages(ages_us, names),
        None if more == More() else more,
    )


def onward_text(told: Told) -> Onward | None:
    """Return a new base as what moved since the one before; None where it has to be sent whole."""
    if told.before is None:
        return None
    before, moved = told.before
    whose = told.base.whose
    numbers = (whose.at_us - before.whose.at_us, *_clock(whose.engine, before), *moved.numbers)
    return Onward(before.digest, integers.pack(numbers), _said(moved))


def read_onward(text: Onward, bases: Keeping) -> Base:
    """Return a base that was sent as what moved. Raises UnknownBaseError; CellsError and PackingError."""
    before = _base(text.before, bases)
    numbers = _unpacked(text.numbers)
    at_us, rest = _first(numbers, before)
    engine, rest = _engine(rest, before)
    return onward(before, at_us, engine, Moves(rest, _others(text.others)))


def read_brief(text: BriefText, poller: str, bases: Keeping) -> tuple[str, Reading]:
    """Return the Reading that was sent, with the key of its check.

    Raises UnknownBaseError; CellsError and PackingError where it isn't one.
    """
    base = _base(text.base, bases)
    if not base.whose.check:
        raise CellsError(f"its base {base.digest.hex()} doesn't say whose it is")
    at_us, rest = _first(_unpacked(text.numbers), base)
    if not rest:
        raise CellsError("it doesn't say how long it took")
    took_us, rest = rest[0], rest[1:]
    engine, rest = _engine(rest, base)
    more = More() if text.more is None else text.more
    shape = base.shape if more.is_whole else replace(base.shape, empty=())
    cells = moved_on(base.shape, Moves(rest, _others(text.others)), base.cells)
    return base.whose.check, Reading(
        check=base.whose.check.rpartition(":")[2],
        address=base.whose.address,
        poller=poller,
        started_at=moment(at_us),
        duration_s=took_us / US,
        failure=None if more.failure is None else Failure(*more.failure),
        parts=tuple([PartFailure(what, reason) for what, reason in more.parts]),
        snmp=answered(shape, cells, _ages_s(text, base, more)),
        octets=more.octets,
        engine=engine,
        line=None if more.line is None else _line(*more.line),
    )


def moment(at_us: int) -> datetime:
    """Return a moment. Raises PackingError."""
    try:
        return from_us(at_us)
    except OverflowError:
        raise PackingError(f"there is no moment {at_us}") from None


def _base(digest: bytes, bases: Keeping) -> Base:
    base = bases.of(digest)
    if base is None:
        raise UnknownBaseError(digest)
    return base


def _packed_line(line: SnmpLine | None) -> tuple[int, int, int, int] | None:
    return None if line is None else (round(line.rtt_s * US), round(line.wait_s * US), line.octets, line.objects)


def _line(rtt_us: int, wait_us: int, octets: int, objects: int) -> SnmpLine:
    return SnmpLine(rtt_us / US, wait_us / US, octets, objects)


def _unpacked(octets: bytes) -> tuple[int, ...]:
    try:
        return tuple(integers.unpack(octets, len(octets)))
    except IntegersError as error:
        raise CellsError(str(error)) from None


def _first(numbers: Sequence[int], base: Base) -> tuple[int, tuple[int, ...]]:
    if not numbers:
        raise CellsError("it doesn't say when it was")
    return base.whose.at_us + numbers[0], tuple(numbers[1:])


def _clock(engine: Engine | None, base: Base) -> tuple[int, ...]:
    before = base.whose.engine
    return () if engine is None or before is None else (engine.time_s - before.time_s,)


def _engine(numbers: tuple[int, ...], base: Base) -> tuple[Engine | None, tuple[int, ...]]:
    before = base.whose.engine
    if before is None:
        return None, numbers
    if not numbers:
        raise CellsError("it doesn't say what the engine's clock showed")
    return replace(before, time_s=before.time_s + numbers[0]), numbers[1:]


def _said(moved: Moves) -> tuple[Other, ...]:
    found = ((one.place, one.rows, one.values) for one in moved.others)
    return tuple([Other(place, rows, values) for place, rows, values in found if isinstance(values, tuple)])


def _others(said: Iterable[Other]) -> tuple[Moved, ...]:
    return tuple([Moved(one.place, raw(one.values), one.rows) for one in said])


def _names(base: Base) -> dict[str, int]:
    """Return the names of a base's columns with their places among them."""
    return {name: place for place, name in enumerate(sorted({one.name for one in base.shape.columns}))}


def _packed_ages(ages_us: Mapping[str, int], names: Mapping[str, int]) -> tuple[tuple[int, bytes], ...]:
    bits: dict[int, int] = {}
    for name, age_us in ages_us.items():
        if name in names:
            bits[age_us] = bits.get(age_us, 0) | 1 << names[name]
    return tuple([(age_us, which.to_bytes((which.bit_length() + 7) // 8, "little")) for age_us, which in bits.items()])


def _ages_s(text: BriefText, base: Base, more: More) -> dict[str, float]:
    found: dict[str, float] = {}
    names = list(_names(base)) if text.ages else []
    for age_us, octets in text.ages:
        which = int.from_bytes(octets, "little")
        if which.bit_length() > len(names):
            raise CellsError(f"it has the age of column {which.bit_length()}, its base has {len(names)} names")
        found |= {name: age_us / US for place, name in enumerate(names) if which >> place & 1}
    return dict(sorted((found | {name: age_us / US for name, age_us in more.ages_us}).items()))
