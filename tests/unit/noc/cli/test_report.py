"""`noc report`: what is asked by options; what makes no sense is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.cli import report as command
from noc.model.errors import UsageError
from noc.reports.frame.registry import names


def test_every_report_has_a_command() -> None:
    assert {one.name for one in command.app.registered_commands} >= {*names(), "list"}


def test_a_period_by_its_name_or_by_two_times() -> None:
    assert command._period("month", "2026-10", None, None, "UTC") == "2026-10"
    times = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z")
    assert command._period("month", None, *times, "UTC") == "/".join(times)
    assert len(command._period("month", None, None, None, "UTC")) == len("2026-10")
    assert len(command._period("biennium", None, None, None, "UTC")) == len("2026-2027")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("2026-10", "2026-10-01T00:00:00Z", None), "not both"),
        ((None, "2026-10-01T00:00:00Z", None), "go together"),
        ((None, "2026-10-01T00:00:00Z", "2026-10-02"), "--to: '2026-10-02' has no zone"),
    ],
)
def test_half_a_period_is_refused(given: tuple[str | None, str | None, str | None], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        command._period("month", *given, "UTC")


def test_rows_are_those_of_the_report() -> None:
    assert command._asked("availability", "2026-10", None, "network", "UTC", None).by == "site"
    assert command._asked("biennium", "2026-2027", None, "network", "UTC", None).by == "network"
    with pytest.raises(UsageError, match="'floor' is not one of site, network"):
        command._asked("availability", "2026-10", "floor", "network", "UTC", None)
    with pytest.raises(UsageError, match="biennium has no choice of rows"):
        command._asked("biennium", "2026-2027", "site", "network", "UTC", None)
    with pytest.raises(UsageError, match="no time zone"):
        command._asked("availability", "2026-10", None, "network", "Nairobi", None)


def test_the_form_of_a_file_by_its_name() -> None:
    assert command._form("pdf", "ar") == "pdf"
    assert command._by_ending(Path("out/october.xlsx")) == "xlsx"
    with pytest.raises(UsageError, match="'doc' is not one of html, pdf"):
        command._form("doc", "en")
    with pytest.raises(UsageError, match=r"october\.doc: say --format"):
        command._by_ending(Path("october.doc"))
