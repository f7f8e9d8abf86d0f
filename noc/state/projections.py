"""Tables beside the ledger, held against its records: windows, corrections, policies, hours of coverage, reports.

The tables are there to be asked quickly; what counts is the chain. Each function yields a sentence for whatever
disagrees.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.seal import PolicyChange
from noc.model.window import PlannedWindow, WindowDecision
from noc.state.records import Recorded

Fields = Mapping[str, object]

_WINDOW: Final = ("entity", "state", "start_ms", "end_ms", "rrule", "zone", "without", "source", "who", "why")
_CORRECTION: Final = ("entity", "state", "start_ms", "end_ms", "cause", "proposed_by", "proposed_ms", "why", "evidence")
_DECIDED: Final = ("decided_by", "decided_ms", "decided_why", "seq")


def windows(connection: sqlite3.Connection, records: Mapping[int, Recorded]) -> Iterator[str]:
    """Compare the table of windows."""
    told: dict[int, list[tuple[int, WindowDecision]]] = {}
    for seq, one in records.items():
        if isinstance(one, WindowDecision):
            told.setdefault(one.window, []).append((seq, one))
    expected = {number: _window(steps) for number, steps in told.items()}
    yield from _compared(connection, "window", (*_WINDOW, "requested_ms", *_DECIDED), expected)


def corrections(connection: sqlite3.Connection, records: Mapping[int, Recorded]) -> Iterator[str]:
    """Compare the table of corrections."""
    told: dict[int, list[tuple[int, CorrectionDecision]]] = {}
    for seq, one in records.items():
        if isinstance(one, CorrectionDecision):
            told.setdefault(one.correction, []).append((seq, one))
    expected = {number: _correction(steps) for number, steps in told.items()}
    yield from _compared(connection, "correction", (*_CORRECTION, *_DECIDED), expected)


def policies(connection: sqlite3.Connection, records: Mapping[int, Recorded]) -> Iterator[str]:
    """Compare the policy files that are kept with their digests."""
    for digest in dict.fromkeys(one.digest for one in records.values() if isinstance(one, PolicyChange)):
        row = connection.execute("SELECT body FROM policy WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            yield f"the policy {digest[:16]}… of the ledger is not kept any more"
            continue
        try:
            whole = sha256(zlib.decompress(row[0])).hexdigest() == digest
        except zlib.error:
            whole = False
        if not whole:
            yield f"the policy {digest[:16]}… that is kept was changed"


def hours(connection: sqlite3.Connection, records: Mapping[int, Recorded]) -> Iterator[str]:
    """Compare the hours of coverage, without looking into them: rows beside the ledger, one for each record."""
    stand = {
        seq: (poller, hour_ms, rows, digest)
        for seq, poller, hour_ms, rows, digest in connection.execute(
            "SELECT seq, poller, hour_ms, rows, digest FROM coverage"
        )
    }
    for seq, one in records.items():
        if isinstance(one, HourOfCoverage):
            row = stand.pop(seq, None)
            if row is None:
                yield f"the coverage of record {seq:,} is gone"
            elif row != (one.entity, one.since_ms, one.rows, one.digest):
                yield f"the coverage beside record {seq:,} says something else than the record"
    for seq in stand:
        yield f"coverage stands beside record {seq:,}, and that is no record of coverage"


def reports(connection: sqlite3.Connection) -> Iterator[str]:
    """Compare the reports that were issued: answers with their digests, and the hash of the last record they knew."""
    wanted = (
        "SELECT report.id, report.name, report.seq, report.hash, report.digest, report.body, ledger.hash "
        "FROM report LEFT JOIN ledger ON ledger.seq = report.seq ORDER BY report.id"
    )
    for number, name, seq, known, digest, body, hashed in connection.execute(wanted):
        try:
            whole = sha256(zlib.decompress(body)).hexdigest() == digest
        except zlib.error:
            whole = False
        if not whole:
            yield f"report {number} ({name}) was changed after it was issued"
        if seq and known != hashed:
            yield f"report {number} ({name}) was made of a ledger whose record {seq:,} had another hash"


def _window(steps: Sequence[tuple[int, WindowDecision]]) -> Fields:
    first, (seq, last) = steps[0][1], steps[-1]
    return {
        "entity": first.entity,
        "state": PlannedWindow(tuple(one for _, one in steps)).state,
        "start_ms": last.start_ms,
        "end_ms": last.end_ms,
        "rrule": last.rrule,
        "zone": last.zone,
        "without": json.dumps(last.without),
        "source": first.source,
        "who": first.who,
        "why": first.why,
        "requested_ms": first.since_ms,
        **_decided(len(steps) > 1, last, seq),
    }


def _correction(steps: Sequence[tuple[int, CorrectionDecision]]) -> Fields:
    first, (seq, last) = steps[0][1], steps[-1]
    return {
        "entity": first.entity,
        "state": last.step,
        "start_ms": last.start_ms,
        "end_ms": last.end_ms,
        "cause": last.cause,
        "proposed_by": first.who,
        "proposed_ms": first.since_ms,
        "why": first.why,
        "evidence": json.dumps(first.evidence, ensure_ascii=False),
        **_decided(len(steps) > 1, last, seq),
    }


def _decided(is_decided: bool, last: WindowDecision | CorrectionDecision, seq: int) -> Fields:
    by = (last.who, last.since_ms, last.why) if is_decided else (None, None, None)
    return {**dict(zip(_DECIDED[:3], by, strict=True)), "seq": seq}


def _compared(
    connection: sqlite3.Connection, table: str, names: Sequence[str], expected: Mapping[int, Fields]
) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in ("number", *names))
    stand = {row[0]: row[1:] for row in connection.execute(f"SELECT {columns} FROM {table}")}  # noqa: S608 our own names
    for number in sorted(stand.keys() | expected.keys()):
        row, fields = stand.get(number), expected.get(number)
        if fields is None:
            yield f"{table} {number} is in no record of the ledger"
        elif row is None:
            yield f"{table} {number} of the ledger (record {fields['seq']}) is gone from its table"
        else:
            wrong = [name for name, value in zip(names, row, strict=True) if value != fields[name]]
            if wrong:
                said, held = row[names.index(wrong[0])], fields[wrong[0]]
                yield f"the table says of {table} {number} that {wrong[0]} is {said!r}, the ledger {held!r}"
