"""Pins: where people put things in drawings of the topology, in pixels from the top left; for each view its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, String, Table, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.errors import ConflictError
from noc.state.tables import metadata

IN_A_VIEW: Final = 200
IN_ALL: Final = 20_000
NODE_AT_MOST: Final = 200

topology_pin = Table(
    "topology_pin",
    metadata,
    Column("view", String(420), primary_key=True),
    Column("node", String(NODE_AT_MOST), primary_key=True),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """Where the middle of a node was put, by whom."""

    node: str
    x: int
    y: int
    who: str


async def of(connection: AsyncConnection, view: str) -> list[Pin]:
    """Return the pins of a view."""
    wanted = select(topology_pin).where(topology_pin.c.view == view).order_by(topology_pin.c.node)
    return [Pin(row.node, row.x, row.y, row.who) for row in await connection.execute(wanted)]


async def put(connection: AsyncConnection, view: str, pin: Pin, now_ms: int) -> None:
    """Pin a node, or move its pin. Raises ConflictError where a view, or all of them, has as many as it may have."""
    here = {one.node for one in await of(connection, view)}
    if pin.node not in here:
        total = (await connection.execute(select(func.count()).select_from(topology_pin))).scalar_one()
        if len(here) >= IN_A_VIEW or total >= IN_ALL:
            raise ConflictError(f"no more than {IN_A_VIEW} things of a view, {IN_ALL} of all, are pinned; release some")
    place = {"x": pin.x, "y": pin.y, "at_ms": now_ms, "who": pin.who}
    row = insert(topology_pin).values(view=view, node=pin.node, **place)
    await connection.execute(row.on_conflict_do_update(index_elements=["view", "node"], set_=place))


async def release(connection: AsyncConnection, view: str, node: str | None = None) -> int:
    """Release a node, or all of a view; return how many were pinned."""
    gone = delete(topology_pin).where(topology_pin.c.view == view)
    if node is not None:
        gone = gone.where(topology_pin.c.node == node)
    return (await connection.execute(gone)).rowcount
