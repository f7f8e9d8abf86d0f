"""The breaker holds back, lets one through now and then, and closes on the first success."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.scheduling.breaker import ASKS_EVERY, OPENS_AFTER, Breaker


def test_it_opens_after_failures_in_a_row_and_closes_on_success() -> None:
    breaker = Breaker()
    for _ in range(OPENS_AFTER):
        assert not breaker.is_open
        breaker = breaker.after(failed=True)
    assert breaker.is_open
    assert not breaker.after(failed=False).is_open


@given(st.lists(st.booleans(), max_size=200))
def test_while_open_it_asks_once_in_so_many_and_never_falls_silent(outcomes: list[bool]) -> None:
    breaker, silent = Breaker(), 0
    for failed in outcomes:
        may_go, breaker = breaker.ask()
        silent = 0 if may_go else silent + 1
        assert silent < ASKS_EVERY
        if may_go:
            breaker = breaker.after(failed)
