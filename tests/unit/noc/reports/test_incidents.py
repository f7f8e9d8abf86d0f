"""The report of incidents, of a month whose truth is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.model.errors import UsageError
from noc.reports import incidents
from noc.reports.frame.asked import Asked
from tests.reported import HOUR_MS, reported

MONTH_H = 31 * 24
MINUTE_S = 60.0
ASKED = Asked(report="incidents", period="2026-10")


async def test_counts_and_mean_times(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await incidents.gather(material, ASKED)
    total = answer.total
    assert (total.incidents, total.failures, total.unresolved, total.unowned) == (5, 2, 1, 3)
    assert total.mtta_s == pytest.approx((10 + 20) / 2 * MINUTE_S)  # opened a minute after it began
    assert total.mttr_s == pytest.approx((120 + 30 + 120 + 60) / 4 * MINUTE_S)
    up_h = 4 * MONTH_H - 0.5 - 0.5 - 1  # devices alone; circuits are none
    assert total.mtbf_s == pytest.approx(up_h / 2 * 3600)


async def test_groups(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await incidents.gather(material, ASKED)
    assert [(row.key, row.incidents) for row in answer.by_class] == [("switch", 3), ("", 1), ("router", 1)]
    assert [(row.key, row.name, row.incidents) for row in answer.by_site] == [
        ("site/juba", "Juba", 4),
        ("site/nairobi", "Nairobi", 1),
    ]
    assert [(row.key, row.incidents) for row in answer.by_cause] == [("unknown", 3), ("carrier", 1), ("power", 1)]
    assert [(row.key, row.name, row.incidents) for row in answer.by_hub] == [("site/nairobi", "Nairobi", 5)]
    router = answer.by_class[2]
    assert router.mtbf_s == pytest.approx((2 * MONTH_H - 1) * 3600)
    assert answer.by_class[0].mtbf_s is None  # nothing of it was down
    assert sum(step.incidents for step in answer.steps) == 5
    assert len(answer.steps) == 31


async def test_what_comes_again_and_again_deserves_a_problem_record(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await incidents.gather(material, ASKED)
    (often,) = answer.repeated
    assert (often.entity, often.rule, often.times, often.numbers) == ("device/juba-sw", "hot", 3, (3, 4, 5))
    assert often.gap_s == 3 * 24 * HOUR_MS / 1000
    # Two are over; the last is open until the moment as known at which it is told.
    open_until_ms = answer.head.known_at.time_ms - often.last_ms
    assert often.open_s == pytest.approx(3 * 3600 + open_until_ms / 1000)
    assert answer.noisiest[0].entity == "device/juba-sw"


async def test_of_a_site_alone(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await incidents.gather(material, ASKED.model_copy(update={"of": "site/nairobi"}))
        with pytest.raises(UsageError, match=r"'site/nairobbi' is not in the inventory \(did you mean 'site/nairobi'"):
            await incidents.gather(material, ASKED.model_copy(update={"of": "site/nairobbi"}))
    assert (answer.total.incidents, answer.total.failures) == (1, 1)
    assert answer.total.mtbf_s == pytest.approx((MONTH_H - 0.5) * 3600)


async def test_what_people_did_later_is_not_told_of_before(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        # Record 7 is of the 5th of October, 10:00: the circuit went down, and nothing else had happened.
        answer = await incidents.gather(material, ASKED.model_copy(update={"known": 7}))
    assert (answer.total.incidents, answer.total.unowned, answer.total.unresolved) == (0, 0, 0)
