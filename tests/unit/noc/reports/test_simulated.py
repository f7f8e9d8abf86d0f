"""Reports of what does not exist say so, in each format and language, and in the names of their files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from noc.app.reports import drafted
from noc.i18n.language import LOCALES, language
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.reports.frame.asked import Answer, Asked
from noc.reports.frame.postincident import post_incident
from noc.reports.frame.registry import names, report
from noc.reports.render.files import file_name, file_of
from noc.state.casefile import CaseFile
from tests.reported import INVENTORY, reported


async def _made(tmp_path: Path, name: str, *, simulated: bool) -> Answer:
    async with reported(tmp_path) as material:
        there = replace(material, inventory=replace(INVENTORY, simulated=simulated))
        by = report(name).BY
        return await drafted(there, Asked(report=name, period="2026-10", **({"by": by[0]} if by else {})))


@pytest.mark.parametrize("name", [name for name in names() if name not in ("biennium", "carrier", "capacity")])
async def test_a_report_of_nothing_real_says_so_in_each_language_and_in_its_name(tmp_path: Path, name: str) -> None:
    answer = await _made(tmp_path, name, simulated=True)
    for tag in LOCALES:
        said, text = language(tag).say("SIMULATED"), file_of(answer, None, "html", tag).decode()
        assert text.count(said) >= 2  # in its title, and first in its heading
        assert language(tag).say("none of these devices is real") in text
    assert file_name(answer, None, "csv", "en").startswith(f"SIMULATED-{name}-")
    assert json.loads(file_of(answer, None, "json", "en"))["head"]["simulated"] is True


async def test_a_report_of_a_real_house_says_nothing_of_it(tmp_path: Path) -> None:
    answer = await _made(tmp_path, "availability", simulated=False)
    assert b"SIMULATED" not in file_of(answer, None, "html", "en")
    assert "simulated" not in json.loads(file_of(answer, None, "json", "en"))["head"]
    assert file_name(answer, None, "csv", "en").startswith("availability-")


def test_the_report_on_an_incident_says_so_too() -> None:
    one = Incident(7, "device/a", "device-down", "critical", "", 0, 1_000, {})
    case = CaseFile(one, [], [], [], 0, 0, [], [], [], None)
    made = post_incident(case, Inventory(simulated=True), 3_000)
    assert made.name.startswith("SIMULATED-")
    assert made.title.startswith("SIMULATED")
    assert made.heading[0].title == "SIMULATED"
    assert post_incident(case, Inventory(), 3_000).heading[0].title != "SIMULATED"
