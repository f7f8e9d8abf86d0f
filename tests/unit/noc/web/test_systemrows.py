"""What people are told to do about a part of noc that isn't well."""

from __future__ import annotations

from noc.http.sources import Health
from noc.web.systemrows import PART_ADVICE, UNWRITTEN_ADVICE, advice_of


def test_a_store_that_is_away_costs_nothing_but_time() -> None:
    away = Health("store", ok=False, said="samples wait in the spool: refused", needed=False)
    assert advice_of(away) == PART_ADVICE["store"]
    assert "waits on the disk" in advice_of(away)


def test_samples_that_do_not_reach_the_disk_are_not_said_to_wait_there() -> None:
    full = Health("store", ok=False, said="can't be written", needed=True)
    assert advice_of(full) == UNWRITTEN_ADVICE
    assert "waits on the disk" not in advice_of(full)
    assert "Make room" in advice_of(full)


def test_every_part_has_its_own_and_an_unknown_one_none() -> None:
    assert advice_of(Health("clock", ok=False)) == PART_ADVICE["clock"]
    assert advice_of(Health("plugin", ok=False)) == ""
