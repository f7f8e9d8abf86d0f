"""How proposals, drift and the progress of a sweep are shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.text import Text

from noc.app.discovery import Result
from noc.cli._console import complain, printable
from noc.cli._state import time_text
from noc.cli._table import MISSING, Column, print_rows
from noc.discovery.guess import device_class
from noc.discovery.sweep import Progress
from noc.model.counting import counted
from noc.model.discovery import Drift, Found, Proposal

TOLD_EVERY = 10
"""Percent between two lines of progress where stderr is no terminal."""


TARGETS_SHOWN = 20


class ProgressLine:
    """Tells of progress on stderr: one line that is written over on a terminal, else a line now and then."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._told = 0
        self._shown = False

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""
        share = 100 * progress.done // max(progress.total, 1)
        if not self._terminal and share < self._told + TOLD_EVERY:
            return
        self._told = share - share % TOLD_EVERY
        left = f", about {_duration(progress.left_s)} left" if progress.left_s >= 1 else ""
        answering = counted(progress.found, "device answers", "devices answer")
        line = f"{progress.done:,} of {progress.total:,} {self._what}, {answering}{left}"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._shown = True
        else:
            complain(line)

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def _addresses(count: int) -> str:
    return counted(count, "address", "addresses")


def tell_result(result: Result) -> None:
    """Tell what came of a sweep, and what to do now."""
    tally = result.tally
    complain(f"swept: {', '.join(result.targets[:TARGETS_SHOWN])}{' …' if len(result.targets) > TARGETS_SHOWN else ''}")
    done = "" if result.finished else f"broken off after {result.position:,} of {result.total:,} addresses: "
    asked = f"{done}{_addresses(tally.asked)} asked, {tally.alive:,} answered, {tally.by_snmp:,} of them by SNMP"
    complain(f"{asked}; {tally.followed:,} as neighbours of others" if tally.followed else asked)
    fresh, known = counted(result.fresh, "new proposal"), counted(result.known, "device")
    complain(f"{fresh}, {result.again:,} seen again, {known} of the inventory")
    if tally.wrong:
        complain(f"{counted(tally.wrong, 'log-in')} by SNMP not accepted, or without an answer")
    if tally.untried:
        complain(
            f"at {_addresses(tally.untried)} not all credentials were tried, so as not to lock noc out "
            "(`discovery: max_wrong_log_ins`)"
        )
    if tally.faults:
        complain(f"{tally.faults:,} addresses could not be pinged: {tally.fault}")
    if not result.finished:
        complain("`noc discover sweep --resume` goes on with it")
    elif result.fresh or result.again:
        complain("`noc discover list` shows the proposals")


def result_document(result: Result) -> dict[str, object]:
    """Return what `--json` prints of a sweep."""
    tally = result.tally
    return {
        "targets": list(result.targets),
        "addresses": result.total,
        "done": result.position,
        "finished": result.finished,
        "asked": tally.asked,
        "alive": tally.alive,
        "answer_snmp": tally.by_snmp,
        "followed": tally.followed,
        "wrong_log_ins": tally.wrong,
        "not_all_tried": tally.untried,
        "not_pinged": tally.faults,
        "new": result.fresh,
        "seen_again": result.again,
        "in_inventory": result.known,
    }


def proposal_document(proposal: Proposal) -> dict[str, object]:
    """Return what `--json` prints of a proposal."""
    found = proposal.found
    return {
        "id": proposal.id,
        "state": proposal.state,
        "address": found.address,
        "addresses": list(found.addresses),
        "answers": list(found.ways),
        "site": found.site,
        "site_why": found.site_why,
        "class": device_class(found),
        **{
            name: getattr(found, name)
            for name in (
                *("credentials", "snmp_port", "profile", "sys_name", "sys_descr", "sys_object_id", "location"),
                *("engine_id", "vendor", "os", "version", "model", "serial", "banner", "heard_from"),
            )
        },
        "own_addresses": list(found.own),
        "networks": list(found.networks),
        "neighbors": [
            {
                "protocol": one.protocol,
                "local_port": one.local_port,
                "remote_name": one.name,
                "remote_port": one.port,
                "address": one.address,
            }
            for one in found.neighbours
        ],
        "first_seen": time_text(proposal.first_ms),
        "last_seen": time_text(proposal.last_ms),
        "device": proposal.device,
        "decided_by": proposal.who,
        "decided": None if proposal.decided_ms is None else time_text(proposal.decided_ms),
    }


def drift_document(drift: Drift) -> dict[str, object]:
    """Return what `--json` prints of a disagreement."""
    return {
        "device": drift.device,
        "kind": drift.kind,
        "subject": drift.subject or None,
        "expected": drift.expected,
        "seen": drift.seen,
        "since": time_text(drift.since_ms) if drift.since_ms else None,
        "last_seen": time_text(drift.last_ms) if drift.last_ms else None,
    }


def show_proposals(found: Sequence[Proposal], *, with_state: bool) -> None:
    """Print a table of proposals."""
    columns = [Column("id", right=True), *([Column("state")] if with_state else []), Column("address")]
    columns += [Column("name", shrinks_to=12), Column("class", drops=1), Column("site", drops=2)]
    columns += [Column("what", shrinks_to=12, drops=4), Column("serial", shrinks_to=8, drops=5)]
    columns += [Column("answers", drops=3)]
    rows = []
    for one in found:
        state = [Text(one.state)] if with_state else []
        said = one.found
        cells = [said.sys_name, device_class(said), said.site, what_of(said), said.serial, " ".join(said.ways)]
        rows.append([Text(str(one.id)), *state, Text(said.address), *map(_cell, cells)])
    _print(columns, rows)


def what_of(found: Found) -> str:
    """Return what a device is, in a few words of its own."""
    said = " ".join(filter(None, (found.vendor, found.model, found.os, found.version)))
    return said or (found.sys_descr or found.banner or "")[:60]


def show_drift(found: Sequence[Drift]) -> None:
    """Print a table of disagreements."""
    columns = [Column("device", shrinks_to=16), Column("drift"), Column("about", shrinks_to=8, drops=1)]
    columns += [Column("expected", shrinks_to=10), Column("seen", shrinks_to=10)]
    rows = [list(map(_cell, (one.device, one.kind, one.subject, one.expected, one.seen))) for one in found]
    _print(columns, rows)


def _print(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    print_rows(columns, rows)


def _cell(text: str | None) -> Text:
    return Text(printable(text)) if text else MISSING
