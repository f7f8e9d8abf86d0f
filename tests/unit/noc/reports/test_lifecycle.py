"""The report of devices past their useful life."""

from __future__ import annotations

from pathlib import Path

from noc.reports import lifecycle
from noc.reports.frame.asked import Asked
from tests.reported import reported

ASKED = Asked(report="lifecycle", period="2026-10")


async def test_classes_and_rankings(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await lifecycle.gather(material, ASKED)
    assert answer.day == "2026-10-31"
    assert [(row.device_class, row.devices, row.past, row.within, row.unknown) for row in answer.classes] == [
        ("switch", 2, 1, 0, 1),
        ("router", 2, 1, 1, 0),
    ]
    assert (answer.total.past, answer.total.past_pct, answer.total.past_at_most_pct) == (2, 50.0, 75.0)
    assert answer.total.down_s == 1.5 * 3600
    assert answer.total.sites == 2
    assert [(row.entity, row.down_s, row.sites) for row in answer.by_down] == [
        ("device/juba-old", 3600.0, ()),
        ("device/nbo", 1800.0, ("Nairobi", "Juba")),
    ]
    assert [row.entity for row in answer.by_sites] == ["device/nbo"]  # the other endangers no site
    assert (answer.by_down[1].installed, answer.by_down[1].ends) == ("2019-06-30", "2024-06-30")


async def test_of_a_site_alone(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await lifecycle.gather(material, ASKED.model_copy(update={"of": "site/nairobi"}))
    assert [row.entity for row in answer.by_down] == ["device/nbo"]
    assert (answer.total.devices, answer.total.sites) == (1, 2)
