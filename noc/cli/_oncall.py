"""What `noc oncall` and `noc handover` print for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from rich.console import Console
from rich.text import Text

from alerts.oncallcalendar import calendar_of
from alerts.oncalldesk import check_person, check_schedule
from alerts.oncalltargets import Directory
from noc.cli._console import complain, printable
from noc.cli._state import time_text
from noc.cli._table import Column, print_rows
from noc.model.oncall import Handover, Override

Document = Mapping[str, object]


def is_covered(document: Document) -> bool:
    """Tell whether somebody is on call wherever somebody should be."""
    return all(one["covered"] for one in _items(document, "schedules"))


def print_oncall(directory: Directory, document: Document) -> None:
    """Print who is on call by each schedule, and the desks."""
    schedules, desks = _items(document, "schedules"), _items(document, "desks")
    if not schedules:
        complain("there are no schedules; write alerts: schedules: into the settings")
        return
    columns = [Column("schedule"), Column("on call", shrinks_to=12), Column("until"), Column("next", shrinks_to=8)]
    columns += [Column("why", shrinks_to=8, drops=1), Column("phone", drops=2), Column("email", drops=3)]
    _print(columns, [list(_row(one)) for one in schedules])
    if desks:
        _console().print()
        heads = [Column("desk"), Column("local time"), Column("daylight"), Column("on call", shrinks_to=12)]
        _print(heads, [list(_desk_row(one)) for one in desks])
    for one in schedules:
        if not one["covered"]:
            complain(f"schedule '{one['schedule']}': nobody is on call at {document['at']}, and somebody should be")


def print_overrides(found: Sequence[Override]) -> None:
    """Print overrides as a table."""
    columns = [Column("id", right=True), Column("schedule"), Column("from"), Column("to"), Column("person")]
    columns += [Column("instead of"), Column("why", shrinks_to=8, drops=1), Column("", drops=2)]
    rows = [
        (
            *(str(one.id), one.schedule, time_text(one.start_ms), time_text(one.end_ms), one.person),
            *(one.instead_of or "all", one.why, "" if one.cancelled_ms is None else "cancelled"),
        )
        for one in found
    ]
    _print(columns, rows)


def print_handovers(found: Sequence[Handover]) -> None:
    """Print hand-overs as a table."""
    columns = [Column("id", right=True), Column("schedule"), Column("at"), Column("from"), Column("to")]
    columns += [Column("incidents", right=True), Column("accepted"), Column("text", shrinks_to=8, drops=1)]
    rows = [
        (
            *(str(one.id), one.schedule, time_text(one.at_ms), one.outgoing, one.incoming, str(len(one.incidents))),
            *("" if one.accepted_ms is None else time_text(one.accepted_ms), one.text.partition("\n")[0]),
        )
        for one in found
    ]
    _print(columns, rows)


def print_handover(one: Handover) -> None:
    """Print one hand-over."""
    accepted = None if one.accepted_ms is None else f"{time_text(one.accepted_ms)} by {one.accepted_by}"
    facts = {
        "schedule": one.schedule,
        "at": time_text(one.at_ms),
        "from": one.outgoing,
        "to": one.incoming,
        "written": f"{time_text(one.written_ms)} by {one.written_by}",
        "accepted": accepted or "not yet",
        "incidents": ", ".join(f"{number} ({owner or 'nobody'})" for number, owner in sorted(one.incidents.items())),
    }
    console = _console()
    for key, value in facts.items():
        console.print(f"{key:<10}{printable(value)}")
    console.print()
    for line in one.text.splitlines():
        console.print(printable(line))


def print_calendar(directory: Directory, schedule: str | None, person: str | None, now_ms: int) -> None:
    """Print shifts of the coming half year as iCalendar, of a schedule or a person or all. Raises UsageError."""
    if schedule is not None:
        check_schedule(directory, schedule)
    if person is not None:
        check_person(directory, person)
    sys.stdout.write(calendar_of(directory, schedule, person, now_ms))


def _row(one: Document) -> Iterator[str]:
    duties = _items(one, "on_call")
    following = cast("Mapping[str, object] | None", one["next"])
    yield str(one["schedule"])
    yield ", ".join(str(duty["name"]) for duty in duties) or ("NOBODY" if not one["covered"] else "nobody has to be")
    yield "" if one["until"] is None else f"{str(one['until'])[:16]}Z"
    yield "" if following is None else ", ".join(cast("list[str]", following["people"]))
    yield ", ".join(dict.fromkeys(_because(str(duty["why"]), str(duty["by"])) for duty in duties))
    for key in ("phone", "email"):
        yield ", ".join(str(duty[key]) for duty in duties if duty[key])


def _desk_row(one: Document) -> Iterator[str]:
    yield str(one["name"])
    yield str(one["local_time"])
    yield "yes" if one["daylight"] else ""
    yield ", ".join(cast("list[str]", one["on_call"]))


def _items(document: Document, key: str) -> list[Document]:
    return cast("list[Document]", document[key])


def _console() -> Console:
    return Console(highlight=False, markup=False, soft_wrap=True)


def _print(columns: list[Column], rows: Sequence[Sequence[str]]) -> None:
    print_rows(columns, [[Text(printable(cell)) for cell in row] for row in rows])


def _because(why: str, by: str) -> str:
    """Return why somebody is on call: `weeks`, `override 3`; a layer's own name says what it is."""
    return by if why == "layer" else f"{why} {by}"
