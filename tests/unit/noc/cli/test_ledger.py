"""`noc ledger list`: every kind of record as a line, and as JSON."""

from __future__ import annotations

import json

import pytest

from noc.cli import ledger as command
from noc.model.clockstep import ClockStep
from noc.model.switch import ServiceSwitch
from noc.model.transition import Transition
from noc.state.ledger import _KINDS, Record, Recorded, canonical

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
    ],
)
def test_a_record_is_told(recorded: Recorded, line: list[str], known: dict[str, object]) -> None:
    kind = _KINDS[type(recorded)]
    fields = {name: getattr(recorded, name) for name in recorded.__dataclass_fields__}
    body = canonical({"kind": kind, "seq": 7, **fields})
    record = Record(7, recorded.entity, kind, recorded.since_ms, body, b"")
    assert list(command._cells(record)) == line
    assert known.items() <= json.loads(json.dumps(command._plain(record))).items()
