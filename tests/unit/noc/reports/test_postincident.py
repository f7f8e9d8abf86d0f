"""The report after an incident: what was counted stands in it, also where somebody set the priority by hand."""

from __future__ import annotations

from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident
from noc.reports.frame.document import Facts
from noc.reports.frame.postincident import post_incident
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
    assert (priority.value, priority.beside) == (3, "impact high, critical, set by carla")
    figures = [fact for block in document.sections[0].blocks if isinstance(block, Facts) for fact in block.facts]
    shown = {fact.title: fact.value for fact in figures}
    assert (shown["Sites cut off"], shown["People there"], shown["Services down"]) == (12, 3_400, 2)
