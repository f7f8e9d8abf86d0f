"""What stands in the bar, and behind `More`, for whom."""

from __future__ import annotations

from noc.web.navigation import entries


def names(*, sees_all: bool) -> set[str]:
    bar, more = entries(lambda right: right == "see", sees_all=sees_all, has_mailbox=True)
    return {one.name for one in (*bar, *more)}


def test_what_takes_more_rights_is_not_offered() -> None:
    assert not names(sees_all=True) & {"Audit", "People, roles, tokens"}


def test_what_shows_the_whole_network_is_not_offered_to_a_region() -> None:
    assert names(sees_all=True) - names(sees_all=False) == {"Rehearsal"}
