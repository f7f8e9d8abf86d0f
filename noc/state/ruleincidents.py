"""How often rules were raised, by their incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import incident


@dataclass(frozen=True, slots=True)
class Raised:
    """Of one rule. unresolved: incidents that are not resolved. lately: opened since a moment. last_ms: the newest."""

    unresolved: int
    lately: int
    last_ms: int


async def by_rule(connection: AsyncConnection, since_ms: int) -> Mapping[str, Raised]:
    """Return it for each rule that ever had an incident, by name. since_ms: what is `lately`."""
    wanted = select(
        incident.c.rule,
        _number(incident.c.resolved_ms.is_(None)),
        _number(incident.c.opened_ms >= since_ms),
        func.max(incident.c.opened_ms),
    ).group_by(incident.c.rule)
    return {rule: Raised(*map(int, counts)) for rule, *counts in await connection.execute(wanted)}


def _number(fits: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((fits, 1), else_=0))
