"""The evidence pack for carriers."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.model.errors import UsageError
from noc.reports import carrier
from noc.reports.frame.asked import Asked
from noc.state import ledger
from tests.reported import at, reported

ASKED = Asked(report="carrier", period="2026-10")
MONTH_S = 31 * 86_400


async def test_down_time_by_whose_it_was(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await carrier.gather(material, ASKED)
    (claim,) = answer.claims
    assert (claim.provider, claim.reference, claim.figures.entity) == ("Example Carrier", "EC-1", "circuit/mpls")
    assert (claim.carrier_s, claim.open_s, claim.other_s) == (3600.0, 2 * 3600.0, 0.0)
    assert claim.figures.measured.down_s == claim.carrier_s + claim.open_s + claim.other_s
    assert claim.carrier_pct == pytest.approx(100 * (1 - 3600 / MONTH_S))
    assert claim.carrier_floor_pct == pytest.approx(100 * (1 - 3 * 3600 / MONTH_S))
    assert claim.figures.verdict == "missed"
    assert [(one.start_ms, one.end_ms, one.causes) for one in claim.outages] == [
        (at("10-05 10:00"), at("10-05 12:00"), {"carrier": 3600.0, "unknown": 3600.0}),
        (at("10-20 23:00"), at("10-21 00:00"), {"unknown": 3600.0}),
    ]
    assert [one.cause for one in claim.corrections] == ["carrier"]
    assert answer.without_provider == 1


async def test_each_change_stands_on_a_record_of_the_ledger(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await carrier.gather(material, ASKED)
        (claim,) = answer.claims
        assert [(one.status, one.since_ms) for one in claim.records] == [
            ("up", at("09-30 00:00")),
            ("down", at("10-05 10:00")),
            ("up", at("10-05 12:00")),
            ("down", at("10-20 23:00")),
            ("up", at("10-21 00:00")),
        ]
        for one in claim.records:
            record = await ledger.record_of(material.connection, one.record)
            assert record is not None
            assert (record.hash.hex(), record.entity) == (one.hash, "circuit/mpls")
    assert claim.records[1].results == "10:00:00Z- 10:01:00Z-"
    assert claim.records[1].by == "icmp @ hq"


async def test_of_one_provider(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        asked = ASKED.model_copy(update={"of": "provider/Example Carrier"})
        assert len((await carrier.gather(material, asked)).claims) == 1
        wrong = ASKED.model_copy(update={"of": "provider/Example Carier"})
        with pytest.raises(UsageError, match=r"'Example Carier' \(did you mean 'Example Carrier'\?\)"):
            await carrier.gather(material, wrong)
        none = await carrier.gather(material, ASKED.model_copy(update={"of": "site/nairobi"}))
    assert (none.claims, none.without_provider) == ((), 0)
