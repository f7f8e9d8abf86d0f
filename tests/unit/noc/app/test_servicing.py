"""Switches of services: in the ledger, over a restart, and bounded where a service goes to and fro."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.servicing import RECORDED_AN_HOUR, Servicing
from noc.clock import ManualClock
from noc.inventory.entities import Service
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.reading import Reading
from noc.model.replies import DnsReply
from noc.pipeline.status import Statuses
from noc.state import ledger, switches
from noc.state.committer import Committer
from noc.state.database import Database
from tests.database import empty_database

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MAIL = "service/mail"
INVENTORY = Inventory(
    services={
        "mail": Service.model_validate(
            {
                "id": "mail",
                "name": "Mail",
                "places": {
                    site: {
                        "formula": {"all_of": (f"endpoint/{site}",)},
                        "marker": {"endpoint": "dns", "answer": f"mx.{site}"},
                    }
                    for site in ("brindisi", "valencia")
                },
            }
        )
    }
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


class House:
    """Servicing and what writes for it."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(NOW)
        self.database = database
        self.committer = Committer(database, self.clock, list)
        statuses = Statuses()
        self.servicing = Servicing(
            lambda: INVENTORY, statuses, lambda: statuses, self.clock, database, self.committer, "hq"
        )

    def answers(self, site: str, minutes: float) -> None:
        at = NOW + timedelta(minutes=minutes)
        reading = Reading("dns", "192.0.2.53:53", "hq", at, 0.1, reply=DnsReply("NOERROR", (f"mx.{site}.",), 0.1))
        self.servicing.read("endpoint/dns", reading)

    async def written(self) -> list[tuple[str | None, str, int]]:
        """End it, and return the switches in the ledger, the oldest first."""
        await self.servicing.stop()
        await self.committer.start()
        await self.committer.stop()
        async with self.database.read() as connection:
            assert (await ledger.verify(connection)).broken is None
            found = await switches.page(connection, [MAIL])
            assert await ledger.latest(connection) == {}, "a switch is no change of status"
        return [(one.before, one.after, one.since_ms - to_ms(NOW)) for _, one in reversed(found)]


async def test_a_switch_is_in_the_ledger_with_what_told_so(database: Database) -> None:
    house = House(database)
    await house.servicing.start()
    for minutes, site in enumerate(("brindisi", "brindisi", "valencia", "valencia", "brindisi")):
        house.answers(site, minutes)
    assert await house.written() == [
        (None, "brindisi", 0),
        ("brindisi", "valencia", 120_000),
        ("valencia", "brindisi", 240_000),
    ]
    async with database.read() as connection:
        (number, last), (_, before) = await switches.page(connection, [MAIL], limit=2)
        assert (last.poller, last.evidence) == ("hq", (("endpoint/dns", "mx.brindisi"),))
        assert before.after == "valencia"
        assert [one.after for _, one in await switches.page(connection, [MAIL], before=number)] == [
            "valencia",
            "brindisi",
        ]


async def test_after_a_restart_the_same_place_is_no_switch_and_another_is(database: Database) -> None:
    first = House(database)
    await first.servicing.start()
    first.answers("valencia", 0)
    assert len(await first.written()) == 1
    second = House(database)
    await second.servicing.start()
    second.answers("valencia", 60)
    assert len(await second.written()) == 1
    third = House(database)
    await third.servicing.start()
    third.answers("brindisi", 120)
    assert (await third.written())[1:] == [("valencia", "brindisi", 7_200_000)]


async def test_a_name_that_both_places_answer_in_turn_does_not_fill_the_ledger(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "noc.app.servicing")
    house = House(database)
    await house.servicing.start()
    for minute in range(120):
        house.answers(("brindisi", "valencia")[minute % 2], minute)
    written = await house.written()
    assert len(written) == 2 * RECORDED_AN_HOUR
    assert len([one for one in caplog.records if "an hour" in one.getMessage()]) == 2
