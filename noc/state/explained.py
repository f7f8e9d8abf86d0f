"""What incidents explain, read over all of them at once."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Symptom
from noc.state.alerttables import symptom


async def by_incident(connection: AsyncConnection) -> dict[int, tuple[Symptom, ...]]:
    """Return all symptoms there ever were, by the number of their incident, in the order in which they joined."""
    found: dict[int, list[Symptom]] = {}
    for row in await connection.execute(select(symptom).order_by(symptom.c.id)):
        fields = {name: getattr(row, name) for name in Symptom.__dataclass_fields__}
        one = Symptom(**{**fields, "facts": json.loads(row.facts)})
        found.setdefault(one.incident, []).append(one)
    return {number: tuple(ones) for number, ones in found.items()}
