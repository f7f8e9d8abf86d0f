"""The gate of a poller that is cut off: who calls, from when, and until when."""

from __future__ import annotations

import pytest

from noc.app.autonomygate import GIVEN_UP_AFTER_S, Gate


def test_it_opens_when_the_centre_was_silent_for_long_enough() -> None:
    gate = Gate(180.0, started_s=0.0)
    gate.answered(100.0)
    assert not gate.look(279.9, 1, may_call=True)
    assert gate.look(280.0, 7, may_call=True)
    assert (gate.state, gate.alone_ms) == ("open", 7)
    assert not gate.look(300.0, 9, may_call=True)
    assert gate.alone_ms == 7


def test_one_that_never_heard_the_centre_counts_from_its_start() -> None:
    gate = Gate(180.0, started_s=50.0)
    assert not gate.look(229.0, 1, may_call=True)
    assert gate.look(230.0, 1, may_call=True)


def test_one_that_does_not_hold_its_group_stays_closed_until_it_does() -> None:
    gate = Gate(180.0, started_s=0.0)
    assert not gate.look(200.0, 1, may_call=False)
    assert gate.look(201.0, 2, may_call=True)


def test_it_closes_only_when_the_centre_has_taken_the_tale() -> None:
    gate = Gate(180.0, started_s=0.0)
    gate.look(200.0, 5, may_call=True)
    assert gate.answered(210.0)
    assert (gate.state, gate.alone_ms) == ("telling", 5)
    assert not gate.answered(211.0)
    gate.took()
    assert (gate.state, gate.alone_ms) == ("closed", None)


@pytest.mark.parametrize("how", ["link", "silence"])
def test_a_centre_that_goes_before_it_has_the_tale_leaves_calling_to_the_poller(how: str) -> None:
    gate = Gate(180.0, started_s=0.0)
    gate.look(200.0, 5, may_call=True)
    gate.answered(210.0)
    assert gate.unlinked() if how == "link" else gate.look(390.0, 6, may_call=False)
    assert (gate.state, gate.alone_ms) == ("open", 5)


def test_a_restart_goes_on_where_it_was() -> None:
    gate = Gate(180.0, started_s=0.0)
    gate.resume(5)
    assert (gate.state, gate.alone_ms) == ("open", 5)
    gate = Gate(180.0, started_s=0.0)
    gate.resume(None)
    assert gate.state == "closed"


def test_a_centre_that_takes_nothing_is_given_up() -> None:
    gate = Gate(180.0, started_s=0.0)
    gate.look(200.0, 5, may_call=True)
    assert not gate.is_refused(1e9)
    gate.answered(210.0)
    assert not gate.is_refused(210.0 + GIVEN_UP_AFTER_S - 0.1)
    gate.progressed(250.0)
    assert not gate.is_refused(210.0 + GIVEN_UP_AFTER_S)
    assert gate.is_refused(250.0 + GIVEN_UP_AFTER_S)
