"""Reports that were issued are made again from the ledger: what somebody improved in them shows."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import update

from noc.app.figures import Figures
from noc.app.madeagain import MadeAgain, made_again
from noc.app.policykept import PolicyKept
from noc.app.reportdesk import ReportDesk
from noc.app.reports import drafted, keep, material_of
from noc.availability.objectives import Targets
from noc.availability.policytext import policy_text
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.instants import from_ms
from noc.model.transition import Transition
from noc.pipeline.policy import availability_policy
from noc.reports.frame.asked import Asked
from noc.state import corrections, ledger, policies, reports
from noc.state.committer import Committer
from noc.state.database import Database, Transaction
from noc.state.tables import report as table
from tests.reported import INVENTORY, NOW_MS, at, material_with, month

ASKED = (
    Asked(report="availability", period="2026-10", by="site"),
    Asked(report="availability", period="2026-11", by="device"),
    Asked(report="availability", period="2026-10", by="circuit", of="site/juba"),
    Asked(report="biennium", period="2026-2027", by="network"),
    Asked(report="carrier", period="2026-10", by="network"),
    Asked(report="lifecycle", period="2026-10", by="network"),
)


async def with_policy(connection: Transaction) -> None:
    kept = policies.kept(policy_text(availability_policy(INVENTORY), whole=True), at("09-30 00:00"), "poller/hq")
    record = (await ledger.append(connection, [kept.recorded]))[0]
    await kept.keep(connection, record)


@asynccontextmanager
async def issued(folder: Path, *asked: Asked, policy: bool = True) -> AsyncIterator[Database]:
    """Give the month's database, with reports issued, and things that came to be known after them."""
    async with month(folder) as database:
        async with database.write() as connection:
            if policy:
                await with_policy(connection)
        for one in asked:
            async with database.read() as connection:
                answer = await drafted(material_with(connection), one)
            async with database.write() as connection:
                await keep(connection, answer, NOW_MS + 250)
        async with database.write() as connection:
            span = ("device/juba-old", at("10-09 08:00"), at("10-09 09:00"), "false_reading")
            held = await corrections.propose(connection, *span, who="ann", why="so", now_ms=NOW_MS + 1000)  # type: ignore[arg-type]
            await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=NOW_MS + 2000)
            later = Transition("device/nbo", "down", "up", NOW_MS, NOW_MS, "icmp", "hq", "confirmed", ())
            await ledger.append(connection, [later])
        yield database


async def again(database: Database, inventory: Inventory = INVENTORY, at_most: int | None = None) -> MadeAgain:
    async with database.read() as connection:
        return await made_again(connection, inventory, at_most)


async def test_what_was_issued_is_what_the_ledger_gives(tmp_path: Path) -> None:
    async with issued(tmp_path, *ASKED) as database:
        assert await again(database) == MadeAgain(made=5)
        assert await again(database, at_most=2) == MadeAgain(made=2, left_out=3)


async def test_a_figure_that_was_improved_with_its_digest_is_named(tmp_path: Path) -> None:
    async with issued(tmp_path, *ASKED[:2]) as database:
        async with database.write() as connection:
            answer = json.loads(await reports.answer_of(connection, 1) or "")
            line = next(one for one in answer["lines"] if one["entity"] == "site/juba")
            was, line["measured"]["up_s"] = line["measured"]["up_s"], line["measured"]["up_s"] + 1800
            line["measured"]["unreachable_s"] = 0.0
            body = json.dumps(answer).encode()
            improved = {"body": zlib.compress(body), "digest": hashlib.sha256(body).hexdigest()}
            await connection.execute(update(table).where(table.c.id == 1).values(**improved))
        found = await again(database)
    assert found.made == 2
    (fault,) = found.faults
    assert fault == (
        "report 1 (availability of 2026-10 UTC by site of network) says lines site/juba measured up_s "
        f"{was + 1800}, the ledger {was}; 1 more of its figures differ"
    )


def without(name: str) -> Inventory:
    """Return an inventory of today that lacks something, and calls Juba something else; with `all`, an empty one."""
    if name == "all":
        return Inventory()
    devices = {key: one for key, one in INVENTORY.devices.items() if one.entity != name}
    circuits = {
        key: one.model_copy(update={"provider": "Somebody else", "name": "A line"})
        for key, one in INVENTORY.circuits.items()
        if one.entity != name
    }
    sites = dict(INVENTORY.sites)
    sites["juba"] = sites["juba"].model_copy(update={"edge_devices": (), "name": "Elsewhere", "weight": 7.0})
    return Inventory(INVENTORY.regions, sites, devices, circuits, INVENTORY.services, INVENTORY.endpoints)


@pytest.mark.parametrize("name", ["device/juba", "circuit/mpls", "all"])
async def test_reports_are_made_again_whole_whatever_the_inventory_says_today(tmp_path: Path, name: str) -> None:
    async with issued(tmp_path, *ASKED) as database:
        assert await again(database, without(name)) == MadeAgain(made=5)


@pytest.mark.parametrize("name", ["device/juba", "circuit/mpls", "all"])
async def test_an_outage_that_was_taken_out_is_named_by_another_inventory_too(tmp_path: Path, name: str) -> None:
    async with issued(tmp_path, Asked(report="availability", period="2026-10", by="device")) as database:
        async with database.write() as connection:
            answer = json.loads(await reports.answer_of(connection, 1) or "")
            gone = answer["outages"].pop(0)
            body = json.dumps(answer).encode()
            improved = {"body": zlib.compress(body), "digest": hashlib.sha256(body).hexdigest()}
            await connection.execute(update(table).where(table.c.id == 1).values(**improved))
        (fault,) = (await again(database, without(name))).faults
    assert f"says outages {gone['entity']} {gone['start_ms']} " in fault
    assert "nothing, the ledger" in fault


async def test_without_a_policy_of_then_nothing_is_claimed(tmp_path: Path) -> None:
    async with issued(tmp_path, *ASKED[:1], policy=False) as database:
        assert await again(database) == MadeAgain(without=1)


async def improved(database: Database, number: int, **changed: object) -> None:
    """Write something else into an answer, with its digest."""
    async with database.write() as connection:
        answer = {**json.loads(await reports.answer_of(connection, number) or ""), **changed}
        body = json.dumps({key: one for key, one in answer.items() if one is not None}).encode()
        values = {"body": zlib.compress(body), "digest": hashlib.sha256(body).hexdigest()}
        await connection.execute(update(table).where(table.c.id == number).values(**values))


@pytest.mark.parametrize("name", ["device/juba", "all"])
async def test_circuits_without_a_provider_are_counted_again(tmp_path: Path, name: str) -> None:
    async with issued(tmp_path, Asked(report="carrier", period="2026-10", by="network")) as database:
        assert await again(database, without(name)) == MadeAgain(made=1)
        await improved(database, 1, without_provider=0)
        (fault,) = (await again(database, without(name))).faults
        assert fault.endswith("says without_provider 0, the ledger 1")
        await improved(database, 1, without_provider=0, unclaimed=[])
        (fault,) = (await again(database, without(name))).faults
        assert fault.endswith("1 more of its figures differ")


async def test_a_claim_that_was_taken_out_is_named(tmp_path: Path) -> None:
    async with issued(tmp_path, Asked(report="carrier", period="2026-10", by="network")) as database:
        await improved(database, 1, claims=[])
        (fault,) = (await again(database)).faults
    assert "says without_provider 1, the ledger 2; " in fault


async def test_one_of_before_circuits_without_a_provider_were_named_is_made_again(tmp_path: Path) -> None:
    async with issued(tmp_path, Asked(report="carrier", period="2026-10", by="network")) as database:
        await improved(database, 1, without_provider=7, unclaimed=None)
        assert await again(database) == MadeAgain(made=1)


@pytest.mark.parametrize("name", ["device/juba", "circuit/mpls"])
@pytest.mark.parametrize("asked", ASKED, ids=lambda one: f"{one.report}-{one.by}")
async def test_a_report_between_a_reload_and_the_record_of_its_policy_goes_by_the_one_that_is_kept(
    tmp_path: Path, asked: Asked, name: str
) -> None:
    """The shell reads another inventory, which the daemon's ledger doesn't know yet."""
    async with month(tmp_path) as database:
        async with database.write() as connection:
            await with_policy(connection)
        async with database.read() as connection:
            material = material_of(connection, without(name), NOW_MS, lambda _: Fraction("99.8"))
            answer = await drafted(material, asked)
        async with database.write() as connection:
            await keep(connection, answer, NOW_MS + 250)
        found = await again(database)
    assert found == MadeAgain(made=0 if asked.report == "lifecycle" else 1)


async def test_the_daemon_too_issues_by_the_policy_that_is_kept(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        async with database.write() as connection:
            await with_policy(connection)
        clock, fresh = ManualClock(from_ms(NOW_MS)), without("device/juba")
        figures = Figures(database, lambda: fresh, clock)
        desk = ReportDesk(database, lambda: fresh, Targets, clock, figures=figures)
        await desk.issue(ASKED[0])
        assert await again(database) == MadeAgain(made=1)
        # Once it is kept, reports go by it, from what the daemon has read already.
        kept = PolicyKept(database, clock, lambda: fresh, lambda: committer, "hq")
        committer = Committer(database, clock, rows=tuple)
        await kept.start()
        async with asyncio.timeout(10):
            while kept.digest_of(fresh) is None:
                await asyncio.sleep(0.01)
        await kept.stop()
        await committer.flush()
        assert kept.digest_of(INVENTORY) is None
        desk = ReportDesk(database, lambda: fresh, Targets, clock, figures=figures, digest_of=kept.digest_of)
        second = await desk.issue(ASKED[0])
        assert second.number == 2
        assert await again(database) == MadeAgain(made=2)
