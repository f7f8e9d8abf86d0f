"""The report of availability: its figures are the month's truth, and it is the same again from the same ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from noc.app.reports import changes_between, keep, kept, material_of
from noc.i18n.language import language
from noc.model.errors import UsageError
from noc.model.restatement import Restatement
from noc.model.window import WindowDecision
from noc.reports.availability import AvailabilityAnswer, document, gather
from noc.reports.frame.asked import Asked
from noc.reports.frame.document import Table
from noc.reports.frame.registry import written
from noc.reports.render.files import file_of
from noc.state import corrections, ledger, windows
from noc.state.database import Database
from tests.reported import HOUR_MS, INVENTORY, NOW_MS, at, reported

ASKED = Asked(report="availability", period="2026-10")
MONTH_S = 31 * 86_400


async def test_figures_are_those_of_the_month(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED)
    assert [line.entity for line in answer.lines] == ["site/juba", "site/nairobi"]
    juba, nairobi = answer.lines
    # Juba hangs on Nairobi's router: it was unreachable, and Nairobi down.
    assert (juba.measured.down_s, juba.measured.unreachable_s) == (0, 1_800)
    assert (nairobi.measured.down_s, nairobi.measured.unreachable_s) == (1_800, 0)
    assert nairobi.measured.up_s == MONTH_S - 1_800
    assert nairobi.measured.availability_pct == 100 * (MONTH_S - 1_800) / MONTH_S
    assert answer.total.measured.failed_s == 3_600
    assert answer.total.causes == {"power": 3_600}
    assert (nairobi.outages, nairobi.mttr_s, nairobi.verdict, nairobi.target_pct) == (1, 1_800, "met", 99.8)
    assert [line.entity for line in answer.worst] == ["site/juba", "site/nairobi"]
    assert (answer.gaps, answer.least_seen, answer.outages) == ((), (), ())
    assert len(answer.steps) == 31
    assert answer.steps[6].sums.failed_s == 3_600
    assert [row.cause for row in answer.happened.corrections] == ["carrier", "power"]


async def test_rows_of_devices_and_circuits(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        devices = await gather(material, ASKED.model_copy(update={"by": "device"}))
        circuits = await gather(material, ASKED.model_copy(update={"by": "circuit"}))
    assert {line.entity: line.measured.failed_s for line in devices.lines} == {
        "device/juba": 1_800,
        "device/juba-old": 3_600,
        "device/juba-sw": 0,
        "device/nbo": 1_800,
    }
    # An hour and more: the longest first, with what explains it.
    assert [(row.entity, row.start_ms, row.length_s, row.causes) for row in circuits.outages] == [
        ("circuit/mpls", at("10-05 10:00"), 7_200, {"carrier": 3_600, "unknown": 3_600}),
        ("circuit/mpls", at("10-20 23:00"), 3_600, {"unknown": 3_600}),
    ]


async def test_of_a_site_alone(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED.model_copy(update={"by": "device", "of": "site/juba"}))
        with pytest.raises(UsageError, match=r"did you mean 'site/juba'"):
            await gather(material, ASKED.model_copy(update={"of": "site/jub"}))
    assert [line.entity for line in answer.lines] == ["device/juba", "device/juba-old", "device/juba-sw"]
    assert answer.total.entity == "site/juba"
    assert [row.entity for row in answer.happened.corrections] == ["circuit/mpls"]


async def test_a_period_that_runs_is_told_so_far(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        early = replace(material, now_ms=at("10-11 00:00"))
        answer = await gather(early, ASKED)
        with pytest.raises(UsageError, match="still to come"):
            await gather(early, ASKED.model_copy(update={"period": "2027-01"}))
    assert answer.head.is_running
    assert len(answer.steps) == 10
    assert answer.total.measured.unknown_s == 0
    assert answer.total.measured.up_s == 2 * 10 * 86_400 - 3_600


async def test_the_same_report_again_is_the_same_bytes(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        first = await gather(material, ASKED)
        # Later, with the same ledger, of a month that is over.
        again = await gather(replace(material, now_ms=NOW_MS + 5 * HOUR_MS), ASKED)
    assert written(first) == written(again)
    for form in ("html", "xlsx", "csv", "json"):
        assert file_of(first, None, form, "ar") == file_of(again, None, form, "ar")


async def test_as_known_at_leaves_out_what_came_later_and_diff_says_why(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        before = await gather(material, ASKED)
    database = Database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        first = await keep(connection, before, NOW_MS)
        assert await keep(connection, before, NOW_MS + 1) == first  # the same answer is the same issue
        found = await corrections.propose(
            connection, "site/nairobi", at("10-07 00:00"), at("10-07 00:30"), "planned",
            who="ann", why="said so", now_ms=NOW_MS,
        )  # fmt: skip
        await corrections.decide(connection, found.number, "approved", who="bob", why="", now_ms=NOW_MS)
        hour = (at("10-09 08:00"), at("10-09 09:00"))
        late = Restatement("device/juba-old", *hour, ((hour[0], "up"),), NOW_MS, "icmp", "juba-poller", 60, "ab")
        asked = WindowDecision(
            "site/juba", NOW_MS, 0, "requested", at("10-20 00:00"), at("10-21 00:00"), "", "UTC", (), "ann", "UPS"
        )
        await ledger.append(connection, [late])
        await windows.request(connection, asked)
    async with database.write() as connection:
        material = material_of(connection, INVENTORY, NOW_MS, material.target_of)
        after = await gather(material, ASKED)
        old = await gather(material, ASKED.model_copy(update={"known": before.head.known_at.record}))
        second = await keep(connection, after, NOW_MS)
        changes = await changes_between(connection, first.id, second.id)
        with pytest.raises(UsageError, match="change their places"):
            await changes_between(connection, second.id, first.id)
        assert (await kept(connection, second.id))[1] == after
    await database.stop()
    # Of that record it is the same report, but for being asked so.
    assert old.model_copy(update={"head": before.head}) == before
    assert (first.number, second.number) == (1, 2)
    figures = {(one.entity, one.figure): (one.before, one.after) for one in changes.figures}
    assert figures["site/nairobi", "adjusted.down_s"] == (1_800.0, 0.0)
    assert not any(figure.startswith("measured") for _, figure in figures)
    assert [(one.kind, one.entity) for one in changes.records] == [
        ("correction", "site/nairobi"),
        ("restatement", "device/juba-old"),
    ]


async def test_a_changed_report_is_refused(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED)
    database = Database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        issue = await keep(connection, answer, NOW_MS)
        await connection.exec_driver_sql("update report set digest = replace(digest, substr(digest, 1, 1), '!')")
        with pytest.raises(UsageError, match=r"report 1 was changed after it was issued"):
            await kept(connection, issue.id)
        with pytest.raises(UsageError, match="there is no report 7"):
            await kept(connection, 7)
    await database.stop()


async def test_page_one_says_method_and_gaps_and_all_tables_are_there(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED)
    assert isinstance(answer, AvailabilityAnswer)
    made = document(answer, None, language("en"))
    titles = [section.title for section in made.sections]
    first = titles[: [section.begins_page for section in made.sections].index(True)]
    assert first == ["Result", "Method", "What was not seen"]
    assert {table.key for table in made.tables()} == {
        *("worst", "causes", "outages", "windows", "corrections", "restatements", "least_seen", "figures"),
    }
    assert all(len(row) == len(table.columns) for table in made.tables() for row in table.rows)
    figures = next(block for block in made.sections[-1].blocks if isinstance(block, Table))
    assert [row[1] for row in figures.rows] == ["Whole network", "Juba", "Nairobi"]
