"""The ledger's proof: the chain, and all that stands beside it, recomputed from the file (docs/availability.md).

Reads the database's file by itself, in one transaction, whether noc runs or not, and in a thread's time: a daemon does
not call it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.seal import PolicyChange
from noc.model.window import WindowDecision
from noc.state import projections
from noc.state.chain import OutsideSeal, walk
from noc.state.database import StateError
from noc.state.ledger import Broken
from noc.state.supported import unsupported
from noc.state.supportedlate import unsupported_late

COUNTED: Final = ("device/", "circuit/", "endpoint/")
"""Entities that have coverage of their own."""

FAULTS_AT_MOST: Final = 100
BUSY_S: Final = 10.0

Stage = Literal["records", "hours"]
Tell = Callable[[Stage, int, int], None]
"""Is told now and then what is done: of what, how many, and of how many."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. broken: the first record that doesn't fit. faults: all else, the first first, in sentences.

    records: that fit, last_hash: of the last of them. seals, hours, policies, decisions: how many were compared; hours
    are pollers' hours of coverage, decisions are about windows and corrections.
    """

    records: int
    last_hash: bytes
    broken: Broken | None
    faults: tuple[str, ...]
    seals: int = 0
    hours: int = 0
    policies: int = 0
    decisions: int = 0

    @property
    def whole(self) -> bool:
        """Return whether nothing was found."""
        return self.broken is None and not self.faults


def proof(file: Path, outside: Collection[OutsideSeal] = (), tell: Tell = lambda _, __, ___: None) -> Proof:
    """Verify the ledger in a state database of today's schema. outside: seals that were kept elsewhere.

    Raises StateError where the file can't be read.
    """
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        try:
            connection.text_factory = _text
            connection.execute("BEGIN")  # one state of the database, though noc goes on writing
            return _proof(connection, outside, tell)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StateError(
            f"{file}: {error}: can the file be read, and is it not damaged? Else restore a backup"
        ) from error


def _proof(connection: sqlite3.Connection, outside: Collection[OutsideSeal], tell: Tell) -> Proof:
    (total,) = connection.execute("SELECT coalesce(max(seq), 0) FROM ledger").fetchone()
    chain = walk(connection, COUNTED, outside, lambda done: tell("records", done, total))
    if chain.broken is not None:
        return Proof(chain.records, chain.last_hash, chain.broken, tuple(chain.faults), chain.seals)
    faults = list(chain.faults)
    for compare in (projections.windows, projections.corrections, projections.policies, projections.hours):
        faults += compare(connection, chain.others)
    faults += [*projections.reports(connection), *unsupported_late(connection, chain.others)]
    for fault in unsupported(connection, chain.changes, lambda done, of: tell("hours", done, of)):
        faults.append(fault)
        if len(faults) >= FAULTS_AT_MOST:
            break
    others = chain.others.values()
    return Proof(
        chain.records,
        chain.last_hash,
        None,
        tuple(faults[:FAULTS_AT_MOST]),
        chain.seals,
        sum(isinstance(one, HourOfCoverage) for one in others),
        sum(isinstance(one, PolicyChange) for one in others),
        sum(isinstance(one, WindowDecision | CorrectionDecision) for one in others),
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")  # what is no UTF-8 was changed, and is to be named, not to end this
