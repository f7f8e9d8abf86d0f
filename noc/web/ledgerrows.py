"""Rows of the ledger as a page shows them: what the figures of one entity are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noc.http.scope import Scope
from noc.inventory.inventory import Inventory
from noc.model.transition import Transition
from noc.state import ledgerpages
from noc.state.database import Transaction
from noc.state.ledger import transition_of
from noc.web.places import Place, place_of

ROWS_AT_MOST: Final = 100
ENTITIES_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A change as it was written. seq: its number in the chain. hash: of it and all before it, hexadecimal.

    change: None where the row is damaged.
    """

    seq: int
    since_ms: int
    where: Place
    change: Transition | None
    hash: str


async def ledger_rows(
    connection: Transaction, inventory: Inventory, seen: Scope, entities: Sequence[str], from_ms: int, to_ms: int
) -> list[LedgerRow]:
    """Return the newest changes of some entities that hold since a time in `[from_ms, to_ms)`, the newest first.

    What the caller may not see is left out. Raises StateError.
    """
    shown = [one for one in entities if seen.sees(inventory, one)][:ENTITIES_AT_MOST]
    rows = []
    for record in await ledgerpages.changes(connection, shown, from_ms, to_ms, ROWS_AT_MOST):
        try:
            change = transition_of(record)
        except (ValueError, TypeError, KeyError):
            change = None
        where = place_of(inventory, record.entity)
        rows.append(LedgerRow(record.seq, record.since_ms, where, change, record.hash.hex()))
    return rows
