"""The report after an incident: what was counted stands in it, also where somebody set the priority by hand."""

from __future__ import annotations

import pytest

from noc.i18n.language import LOCALES, language
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident
from noc.reports.frame.document import Facts, Table
from noc.reports.frame.postincident import post_incident
from noc.reports.render.files import rendered
from noc.state.casefile import CaseFile

COUNTED = {"impact": 1, "urgency": 1, "priority": 1, "sites": 12, "people": 3_400, "services": 2}


def test_a_priority_set_by_hand_hides_nothing_that_was_counted() -> None:
    one = Incident(
        7, "device/a", "device-down", "critical", "", 0, 1_000, {}, priority=3, impact=1, priority_by="carla"
    )
    by_hand = {"why": "by_hand", "priority": 3, "was": 1, "text": "a spare one"}
    timeline = [Entry(7, 1_000, "priority", None, COUNTED), Entry(7, 2_000, "priority", "carla", by_hand)]
    document = post_incident(CaseFile(one, timeline, [], [], 0, 0, [], [], [], None), Inventory(), 3_000)
    (priority,) = [fact for fact in document.heading if fact.title == "Priority"]
    assert (priority.value, priority.beside) == (3, "impact: high, critical, set by carla")
    figures = [fact for block in document.sections[0].blocks if isinstance(block, Facts) for fact in block.facts]
    shown = {fact.title: fact.value for fact in figures}
    assert (shown["Sites cut off"], shown["People there"], shown["Services down"]) == (12, 3_400, 2)


@pytest.mark.parametrize("tag", LOCALES)
def test_it_is_in_the_language_of_its_reader(tag: str) -> None:
    one = Incident(
        7, "device/a", "device-down", "major", "", 0, 1_000, {"summary": "Device down"}, priority=2, impact=2
    )
    timeline = [Entry(7, 1_000, "opened"), Entry(7, 2_000, "acknowledged", "carla")]
    document = post_incident(
        CaseFile(one, timeline, [], [], 0, 0, [], [], [], None), Inventory(), 3_000, reader=language(tag)
    )
    say = language(tag).say
    assert document.language == tag
    assert document.title == say("Incident {id}: {summary}", id=7, summary=say("Device down"))
    assert [section.title for section in document.sections][:2] == [say("Summary"), say("Timeline")]
    (table,) = document.sections[1].blocks
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows] == [say("Opened"), say("Acknowledged")]
    text = rendered(document, "html").decode()
    assert f'lang="{tag}"' in text
    assert ('<html lang="ar" dir="rtl">' in text) is (tag == "ar")
    assert say("Nobody was told.") in text
    assert tag == "en" or "Nobody was told." not in text
