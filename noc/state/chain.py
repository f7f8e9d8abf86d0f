"""The chain of the ledger, recomputed from the file itself, fast: a million records in some seconds.

What is asked of each record: its number follows the one before, its hash is that of its body behind the hash before,
and its columns say what the body says. Bodies are canonical JSON, in which every quotation mark inside a text is
escaped: so a piece such as `"seq":7,"since_ms":` stands in one only where it says so, and most need not be parsed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from noc.model.seal import Seal
from noc.state.ledger import FIRST_HASH, Broken
from noc.state.records import TRANSITION, Recorded, recorded_of

ROWS_AT_ONCE: Final = 5_000
TELL_EVERY: Final = 50_000
ENTITY_BITS: Final = 24

_STATUS: Final = b'"status":"'
_UNKNOWN: Final = b"unknown"
_TRANSITION: Final = TRANSITION.encode()
_SELECT: Final = "SELECT seq, entity, kind, since_ms, body, hash FROM ledger ORDER BY seq"


@dataclass(frozen=True, slots=True)
class OutsideSeal:
    """A seal that somebody kept: the record of this number had this hash. day: may be empty."""

    day: str
    record: int
    hash: str


@dataclass(slots=True)
class Changes:
    """Changes of entities that have coverage. names: of entities, their index is their place.

    moments: `since_ms << 25 | index << 1 | whether it is known from then on`, in the order of the chain; each is
    one number, as there may be millions.
    """

    names: list[str] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    _places: dict[bytes, int] = field(default_factory=dict)

    def add(self, entity: bytes, since_ms: int, is_known: bool) -> None:
        """Take a change."""
        index = self._places.get(entity)
        if index is None:
            name = _text(entity)
            index = self._places[entity] = self.index[name] = len(self.names)
            self.names.append(name)
        self.moments.append(since_ms << (ENTITY_BITS + 1) | index << 1 | is_known)


@dataclass(slots=True)
class Chain:
    """What a walk over the chain found.

    records: that fit; last_hash: of the last of them. broken: the first that doesn't. faults: of seals, in sentences.
    others: all records that are no transitions, by number. seals: how many agree with the chain.
    """

    records: int = 0
    last_hash: bytes = FIRST_HASH
    broken: Broken | None = None
    faults: list[str] = field(default_factory=list)
    others: dict[int, Recorded] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    seals: int = 0


def walk(
    connection: sqlite3.Connection,
    counted: tuple[str, ...],
    outside: Collection[OutsideSeal] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> Chain:
    """Recompute the chain. counted: how names of entities begin whose changes are gathered.

    outside: seals that were kept elsewhere. tell: is given the number of records now and then. Raises sqlite3.Error.
    """
    kept = {one.record: one for one in outside}
    chain, begins = Chain(), tuple(begin.encode() for begin in counted)
    text_factory, connection.text_factory = connection.text_factory, bytes  # a hash is made over bytes
    cursor = connection.execute(_SELECT)
    while chain.broken is None and (rows := cursor.fetchmany(ROWS_AT_ONCE)):
        _rows(chain, rows, begins, kept)
        if chain.records % TELL_EVERY < ROWS_AT_ONCE:
            tell(chain.records)
    connection.text_factory = text_factory
    for one in kept.values():
        if one.record > chain.records and chain.broken is None:
            missing = f"the seal of {one.day or 'a day'} is of record {one.record:,}, and the ledger ends with record"
            chain.faults.append(f"{missing} {chain.records:,}: records at its end were removed")
    tell(chain.records)
    return chain


def _rows(
    chain: Chain,
    rows: list[tuple[int, bytes, bytes, int, bytes, bytes]],
    begins: tuple[bytes, ...],
    kept: Mapping[int, OutsideSeal],
) -> None:
    number, before = chain.records, chain.last_hash
    take = chain.changes.add
    for seq, entity, kind, since_ms, body, hashed in rows:
        fits = sha256(before + body).digest() == hashed
        if not (
            fits
            and seq == number + 1
            and b'"entity":"%b","kind":"%b",' % (entity, kind) in body
            and b'"seq":%d,"since_ms":%d,' % (seq, since_ms) in body
        ):
            reason = _reason((seq, entity, kind, since_ms, body), number + 1, fits)
            if reason is not None:
                chain.broken = Broken(seq, reason)
                break
        if kind == _TRANSITION:
            if entity.startswith(begins):
                at = body.rfind(_STATUS) + len(_STATUS)
                take(entity, since_ms, not body.startswith(_UNKNOWN, at))
        else:
            reason = _other(chain, seq, _text(kind), _text(body), before)
            if reason is not None:
                chain.broken = Broken(seq, reason)
                break
        number, before = seq, hashed
        if kept and seq in kept:
            _compare(chain, kept[seq], hashed)
    chain.records, chain.last_hash = number, before


def _reason(row: tuple[int, bytes, bytes, int, bytes], expected: int, hash_fits: bool) -> str | None:
    """Return what is wrong with a record; None where a closer look finds nothing."""
    seq, entity, kind, since_ms, text = row
    if seq != expected:
        return f"record {expected} is missing"
    if not hash_fits:
        return "the body or the hash was changed, or a record before it"
    try:
        body = json.loads(text)
    except ValueError:
        return "the body is no JSON"
    columns = {"seq": seq, "entity": _text(entity), "kind": _text(kind), "since_ms": since_ms}
    wrong = [name for name, value in columns.items() if not isinstance(body, dict) or body.get(name) != value]
    return f"column {wrong[0]} disagrees with the body" if wrong else None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _other(chain: Chain, seq: int, kind: str, body: str, before: bytes) -> str | None:
    """Take a record of another kind than transitions; return what is wrong with it."""
    try:
        recorded = recorded_of(kind, body)
    except KeyError:
        return f"nobody knows the kind '{kind}'; a newer noc may have written it"
    except ValueError:
        return f"it is no {kind}"
    chain.others[seq] = recorded
    if isinstance(recorded, Seal):
        if recorded.records == seq - 1 and recorded.hash == before.hex():
            chain.seals += 1
        else:
            chain.faults.append(
                f"the seal of {recorded.day}, record {seq:,}, seals record {recorded.records:,} with hash "
                f"{recorded.hash[:16]}…, and the record before it is {seq - 1:,} with {before.hex()[:16]}…"
            )
    return None


def _compare(chain: Chain, seal: OutsideSeal, hashed: bytes) -> None:
    if seal.hash.lower() == hashed.hex():
        chain.seals += 1
        return
    chain.faults.append(
        f"the seal of {seal.day or 'a day'} says that record {seal.record:,} has hash {seal.hash[:16]}…, and it has "
        f"{hashed.hex()[:16]}…: the past up to it was written anew"
    )
