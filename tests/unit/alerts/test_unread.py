"""The shipped rule `snmp-unread`: raised after an hour of a device that is up and not read, cleared by an answer."""

from __future__ import annotations

from datetime import timedelta

from alerts.rules.load import load_rules
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.reading import Failure, FailureKind, Reading, SnmpAnswer
from noc.model.samples import Samples
from noc.pipeline.polls import Polls
from noc.pipeline.probes import poll_samples
from tests.unit.alerts.watching import BEGIN, BEGIN_MS, take, watching

RULES, _ = load_rules([shipped("rules")])
CHECK = Check("device/d", "snmp", 300.0, 60.0)
WRONG = Failure(FailureKind.AUTH, "192.0.2.1: another key")
RAISED, CLEARED = [("snmp-unread", "device/d", "raised")], [("snmp-unread", "device/d", "cleared")]


class Story:
    """Polls one device, as noc/app/polling.py does."""

    def __init__(self) -> None:
        self.polls = Polls()
        self.watched = watching(RULES["snmp-unread"])

    def poll(self, minute: int, failure: Failure | None, *, is_up: bool = True) -> list[tuple[str, str, str]]:
        answer = None if failure is not None else SnmpAnswer("generic")
        reading = Reading("snmp", "192.0.2.1", "here", BEGIN + timedelta(minutes=minute), 0.1, failure, snmp=answer)
        unread_s = self.polls.take(CHECK, reading, is_up=is_up).unread_s(BEGIN_MS)
        tables: tuple[Samples, ...] = ()
        if unread_s is not None:
            tables = (poll_samples(reading, {"device": "d"}, unread_s),)
        return take(self.watched, *tables)


def test_an_hour_without_an_answer_is_told_and_the_first_answer_ends_it() -> None:
    story = Story()
    assert story.poll(0, None) == []
    assert [story.poll(minute, WRONG) for minute in range(5, 65, 5)] == [[]] * 12
    assert story.poll(65, WRONG) == RAISED
    assert story.poll(70, WRONG) == []
    assert story.poll(75, None) == CLEARED


def test_a_device_that_is_down_is_not_told_as_unread() -> None:
    story = Story()
    assert [story.poll(minute, WRONG, is_up=False) for minute in range(0, 300, 5)] == [[]] * 60


def test_after_a_restart_the_first_answer_ends_what_was_raised_before() -> None:
    story = Story()
    assert [story.poll(minute, WRONG) for minute in (0, 60)] == [[], RAISED]
    story.polls = Polls()
    assert story.poll(65, None) == CLEARED
