"""What noc tells of itself, as rows for people: how it stands, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.http.itself import ItselfNow
from noc.http.sources import Health
from noc.i18n.marking import say

State = Literal["good", "warning", "critical"]
Value = str | int | float | None

PARTS: Final[Mapping[str, str]] = {
    "polling": say("Checks"),
    "uplink": say("Way to everything"),
    "clock": say("Clock"),
    "ledger": say("Ledger"),
    "alerts": say("Alerting"),
    "events": say("Events"),
    "store": say("Store of time series"),
    "tickets": say("Tickets"),
    "pollers": say("Remote pollers"),
    "settings": say("Settings"),
}
"""Parts of noc, as /readyz names them."""

PART_ADVICE: Final[Mapping[str, str]] = {
    "polling": say("Look whether the machine is overloaded; if checks stay late, restart noc."),
    "uplink": say("See to the line of this machine, and to what polling.uplink names."),
    "clock": say("Set the clock of the machine right, and have it kept by NTP."),
    "ledger": say("Make room on the disk, and see that noc may write its state folder."),
    "alerts": say("See the log of noc; look whether the ways to people answer."),
    "events": say("Make room on the disk, and see the log of noc."),
    "store": say("See that the store runs and answers; what is measured waits on the disk meanwhile."),
    "tickets": say("Look whether the system of tickets answers, and takes noc's account."),
    "pollers": say("Look at the pollers below: is their line up, does their machine run?"),
    "settings": say("Mend the settings, try them with noc check, and reload."),
}

UNWRITTEN_ADVICE: Final = say(
    "Make room on the disk, and see that noc may write its state folder: until then measurements wait in memory, where "
    "there is little room."
)
"""Of the way of samples, where they don't reach the disk: nothing is safe then, and no store helps."""


def advice_of(one: Health) -> str:
    """Return what to do about a part that isn't well; empty where nothing is known."""
    return UNWRITTEN_ADVICE if one.part == "store" and one.needed else PART_ADVICE.get(one.part, "")


POLLER_WORDS: Final[Mapping[str, str]] = {
    "never": say("not heard of yet"),
    "here": say("here"),
    "draining": say("gives up its share"),
    "gone": say("gone"),
    "quarantined": say("in quarantine"),
}

LATE_S: Final = 5.0
VERY_LATE_S: Final = 30.0
OLD_MS: Final = 300_000
OUTBOX_LATE_MS: Final = 120_000
ROUND_LATE_MS: Final = 120_000
FREE_LEAST: Final = 1_000_000_000
FULL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Row:
    """A figure. kind: how the value is written: number, seconds, bytes, age (milliseconds of the Unix epoch).

    advice: what to do; shown where the state isn't good.
    """

    name: str
    kind: Literal["number", "seconds", "bytes", "age"]
    value: float | None
    state: State = "good"
    advice: str = ""


def work(now: ItselfNow) -> list[Row]:
    """Return how what noc does goes."""
    checks, rounds = now.checks, now.rounds
    late: State = "good" if checks.overdue_s < LATE_S else "warning" if checks.overdue_s < VERY_LATE_S else "critical"
    silent = rounds.last_ms is None or now.at_ms - rounds.last_ms > ROUND_LATE_MS
    young = now.at_ms - now.began_ms < ROUND_LATE_MS
    return [
        Row(say("The next check is late by"), "seconds", checks.overdue_s, late, PART_ADVICE["polling"]),
        Row(say("Checks since noc began"), "number", checks.started),
        Row(
            say("Checks that fell due while their last run went on"),
            "number",
            checks.missed,
            "warning" if checks.due and checks.missed > checks.due / 20 else "good",
            say("Ask less often, or give devices that answer slowly more time: poll_interval, timeout."),
        ),
        Row(say("Checks that a byte budget left out"), "number", checks.left_out),
        Row(say("Checks that silent devices were spared"), "number", checks.held),
        Row(
            say("Last round of alerting"),
            "age",
            rounds.last_ms,
            "critical" if silent and not young else "good",
            PART_ADVICE["alerts"],
        ),
        Row(
            say("Rounds of alerting that failed"),
            "number",
            rounds.faults,
            "warning" if rounds.faults else "good",
            say("See the log of noc, and tell its makers."),
        ),
    ]


def queues(now: ItselfNow, parts: Sequence[Health] = ()) -> list[Row]:
    """Return what waits. parts: those of noc, and how they are."""
    store = next((advice_of(one) for one in parts if one.part == "store" and not one.ok), PART_ADVICE["store"])
    return list(_queues(now, store))


def _queues(now: ItselfNow, store: str) -> Iterator[Row]:
    found = now.queues
    is_full = found.spool_budget > 0 and found.spool_bytes > FULL * found.spool_budget
    is_old = found.spool_oldest_ms is not None and now.at_ms - found.spool_oldest_ms > OLD_MS
    unsent = found.outbox_due_ms is not None and now.at_ms - found.outbox_due_ms > OUTBOX_LATE_MS
    yield Row(
        say("Changes of state that are not on disk yet"),
        "number",
        found.ledger,
        "warning" if found.ledger > 1_000 else "good",
        PART_ADVICE["ledger"],
    )
    yield Row(
        say("Changes of state that were lost for want of room"),
        "number",
        found.ledger_shed,
        "critical" if found.ledger_shed else "good",
        PART_ADVICE["ledger"],
    )
    yield Row(
        say("Values that wait for the store"),
        "number",
        found.spool_values,
        "warning" if is_old else "good",
        store,
    )
    if found.spool_oldest_ms is not None:
        yield Row(say("The oldest of them is of"), "age", found.spool_oldest_ms)
    yield Row(
        say("What the spool takes on disk"),
        "bytes",
        found.spool_bytes,
        "warning" if is_full else "good",
        say("Bring the store back soon, or give the spool more room: spool.budget."),
    )
    yield Row(
        say("Messages to people that are not sent"),
        "number",
        found.outbox,
        "critical" if unsent else "good",
        PART_ADVICE["alerts"],
    )
    yield Row(
        say("Damaged rows that alerting passed over"),
        "number",
        found.set_aside,
        "warning" if found.set_aside else "good",
        say("See the log of noc, and tell its makers."),
    )


def room(now: ItselfNow) -> list[Row]:
    """Return what noc takes of its machine."""
    return [
        Row(say("Memory"), "bytes", now.memory),
        Row(say("The most memory since noc began"), "bytes", now.peak),
        Row(say("Threads"), "number", now.threads),
        Row(
            say("Room left on the disk of the state"),
            "bytes",
            now.free,
            "critical" if now.free < FREE_LEAST else "good",
            PART_ADVICE["ledger"],
        ),
    ]
