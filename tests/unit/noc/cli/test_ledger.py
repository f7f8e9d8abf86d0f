"""`noc ledger list`: every kind of record as a line, and as JSON."""

from __future__ import annotations

import json

import pytest

from noc.cli import _ledgerrows as rows
from noc.model.clockstep import ClockStep
from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.restatement import Restatement
from noc.model.seal import PolicyChange, Seal
from noc.model.switch import ServiceSwitch
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.state.ledger import Record
from noc.state.records import KINDS, Recorded, body_of

COMMON = ("7", "1970-01-01T00:00:01.000Z")
EVIDENCE = (("endpoint/dns", "mx.valencia"),)


@pytest.mark.parametrize(
    ("recorded", "line", "known"),
    [
        (
            ServiceSwitch("service/mail", "brindisi", "valencia", 1_000, "hq", EVIDENCE),
            ["7", "1970-01-01T00:00:01.000Z", "service/mail", "from valencia", "from brindisi", "hq (switch)", ""],
            {"served_from": "valencia", "evidence": [{"entity": "endpoint/dns", "said": "mx.valencia"}]},
        ),
        (
            ServiceSwitch("service/mail", None, "valencia", 1_000, "hq", EVIDENCE),
            ["7", "1970-01-01T00:00:01.000Z", "service/mail", "from valencia", "", "hq (switch)", ""],
            {"served_before": None},
        ),
        (
            Transition("device/a", "up", "down", 1_000, 3_500, "icmp", "hq", "confirmed", ((1_000, True),)),
            ["7", "1970-01-01T00:00:01.000Z", "device/a", "up", "down", "hq (icmp)", "2.5 s"],
            {"status": "up", "results": [{"time": "1970-01-01T00:00:01.000Z", "ok": True}]},
        ),
        (
            ClockStep("poller/hq", 1_000, 0),
            [
                *("7", "1970-01-01T00:00:01.000Z", "poller/hq", "clock", ""),
                "the machine's clock said 1970-01-01T00:00:00.000Z",
                "",
            ],
            {"machine": "1970-01-01T00:00:00.000Z"},
        ),
        (
            HourOfCoverage("poller/hq", 1_000, 20_303, "ab"),
            [*COMMON, "poller/hq", "coverage", "", "20,303 entities with results in this hour", ""],
            {"kind": "coverage", "rows": 20_303},
        ),
        (
            WindowDecision(
                "site/a", 1_000, 3, "approved", 2_000, 3_000, "FREQ=DAILY", "UTC", (2_000,), "ann", "new UPS"
            ),
            [
                *(*COMMON, "site/a", "window 3 approved", ""),
                *("ann; 1970-01-01T00:00:02.000Z to 1970-01-01T00:00:03.000Z", ""),
            ],
            {"who": "ann", "without": ["1970-01-01T00:00:02.000Z"], "start": "1970-01-01T00:00:02.000Z"},
        ),
        (
            CorrectionDecision("device/a", 1_000, 4, "approved", 2_000, 3_000, "carrier", "bob", "cut", ("INC-1",)),
            [
                *(*COMMON, "device/a", "correction 4 approved", ""),
                *("bob; 1970-01-01T00:00:02.000Z to 1970-01-01T00:00:03.000Z: carrier", ""),
            ],
            {"cause": "carrier", "evidence": ["INC-1"]},
        ),
        (
            Restatement("device/a", 1_000, 9_000, ((1_000, "up"),), 9_500, "icmp", "p1", 3, "cd"),
            [*COMMON, "device/a", "restatement", "", "p1 (icmp), 3 late results", ""],
            {"end": "1970-01-01T00:00:09.000Z", "states": [{"since": "1970-01-01T00:00:01.000Z", "status": "up"}]},
        ),
        (
            Seal("poller/hq", 1_000, "1969-12-31", 12_345, "0123456789abcdef00"),
            [*COMMON, "poller/hq", "seal", "", "1969-12-31 ended with record 12,345, hash 0123456789abcdef…", ""],
            {"records": 12_345},
        ),
        (
            PolicyChange("poller/hq", 1_000, "0123456789abcdef00"),
            [*COMMON, "poller/hq", "policy", "", "figures are made by policy 0123456789abcdef…", ""],
            {"digest": "0123456789abcdef00"},
        ),
    ],
)
def test_a_record_is_told(recorded: Recorded, line: list[str], known: dict[str, object]) -> None:
    kind = KINDS[type(recorded)]
    record = Record(7, recorded.entity, kind, recorded.since_ms, body_of(recorded, 7), b"")
    assert list(rows.cells(record)) == line
    assert known.items() <= json.loads(json.dumps(rows.plain(record))).items()
