"""Which incidents count in a storm: those that people were called for, also where another one took them over since."""

from __future__ import annotations

from pathlib import Path

from noc.model.incident import Notice
from noc.state import incidents, outbox, symptoms
from noc.state.incidents import Opening
from tests.database import empty_database


async def test_what_was_taken_over_counts_where_somebody_was_called_for_it(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        made = []
        for at_ms, name in enumerate(("told", "silent", "alone", "parent"), 1):
            opening = Opening(f"device/{name}", "device-down", "status", "critical", "standard", at_ms, at_ms, {})
            made.append(await incidents.insert(connection, opening))
        told, silent, _, parent = made
        for one in (told, silent):
            await outbox.put(connection, [Notice(0, f"k{one.id}", one.id, 1, "achieng", "email", "page", 5)])
        (claimed,) = await outbox.claim(connection, "email", 5, 10, 1)
        assert claimed.incident == told.id
        await outbox.mark_sent(connection, claimed.id, 6)
        for child in (told, silent):  # what isn't sent is dropped by it
            assert await symptoms.merge(connection, child.id, parent.id, 7)
        assert await symptoms.recent(connection, "standard", 10) == [
            ("device/parent", 4),
            ("device/alone", 3),
            ("device/told", 1),
        ]
    await database.stop()
