"""Revisions: a number for each of some tables that is another one whenever a row of it is, whoever writes it.

Triggers count, in the transaction that changes something, so that other processes (the command line) count too.
"""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import Column, Integer, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.tables import metadata

Counted = Literal["incident", "problem"]

revision: Final = Table(
    "revision",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)


async def of(connection: AsyncConnection, *names: Counted) -> tuple[int, ...]:
    """Return the numbers of some tables."""
    rows = await connection.execute(select(revision.c.name, revision.c.number).where(revision.c.name.in_(names)))
    found = {row.name: row.number for row in rows}
    return tuple(found[name] for name in names)
