"""Until when noc looked: where evidence ends. Of time behind it nothing is known, whatever the last status was.

While noc looks it writes a checkpoint of its statuses each half minute. One that is started again after a longer time
says in the ledger how long it was away, so that what was known at a moment in between is the same whenever it is asked.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.away import Away
from noc.state import checkpoint
from noc.state.committer import CHECKPOINT
from noc.state.records import AWAY, recorded_of
from noc.state.tables import ledger

NO_SIGN_MS: Final = 120_000
"""Who has written no checkpoint for longer, four times as long as it waits between two, looks no more."""


async def looked_until(connection: AsyncConnection, moment_ms: int) -> int:
    """Return until when noc had looked at a moment: until then, or until its last sign of life before.

    Both in milliseconds. Where no checkpoint was ever written it is the moment itself.
    """
    sign_ms = await checkpoint.written_ms(connection, CHECKPOINT)
    if sign_ms is not None and moment_ms - sign_ms > NO_SIGN_MS:
        return sign_ms
    away = await away_at(connection, moment_ms)
    return moment_ms if away is None else away.since_ms


async def away_at(connection: AsyncConnection, moment_ms: int) -> Away | None:
    """Return the time away that a moment lies in, as the ledger says; None where noc looked then.

    The first two minutes of it don't count: that long nobody can tell who is away from who is slow.
    """
    # The index of entities finds what pollers say: thousands of records, of millions.
    is_of_poller = (ledger.c.entity >= "poller/", ledger.c.entity < "poller0")
    before = ledger.c.since_ms < moment_ms - NO_SIGN_MS
    wanted = select(ledger.c.body).where(*is_of_poller, ledger.c.kind == AWAY, before)
    body = (await connection.execute(wanted.order_by(ledger.c.since_ms.desc()).limit(1))).scalar_one_or_none()
    try:
        found = None if body is None else recorded_of(AWAY, body)
    except ValueError:
        return None  # `noc ledger verify` names it
    return found if isinstance(found, Away) and moment_ms <= found.until_ms else None
