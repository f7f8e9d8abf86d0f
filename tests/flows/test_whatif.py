"""What a change of rules would have done: a real store and a real ledger, played again."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.check import CheckResult
from noc.cli import main
from noc.clock import ManualClock
from noc.model.errors import InputError, UsageError
from noc.model.event import Event
from noc.model.instants import from_ms, to_ms
from noc.model.samples import Samples
from noc.model.transition import Status, Transition
from noc.rehearsal import pastnumbers
from noc.rehearsal.newrules import new_rules
from noc.rehearsal.whatif import WhatIf, what_if
from noc.service import running
from noc.state import events, ledger
from noc.state.database import Database
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store._retention import Retention
from noc.store.embedded.beside import ViewReader
from noc.store.embedded.view import opened
from tests.rehearsed import SETTINGS, configured

DAY = datetime(2026, 3, 2, tzinfo=UTC)
ENVIRONMENT: Mapping[str, str] = {"COMMUNITY": "public"}

BUSY = """\
kind: threshold
summary: Processor busy
severity: warning
for: 15m
classes: [router]
measurement: noc_processor
field: usage_pct
unit: percent
above: {raise: 90, clear: 80}
"""


STORED = SETTINGS + "store: {kind: embedded, retention: 36500d}\n"


def at(hour: int, minute: int = 0) -> int:
    return to_ms(DAY + timedelta(hours=hour, minutes=minute))


PERIOD = at(9), at(16)


def usage(time_ms: int) -> float:
    """Busy from 10:00 to 10:40, rather busy from 12:00 to 13:00."""
    if at(10) <= time_ms < at(10, 40):
        return 95.0
    return 85.0 if at(12) <= time_ms < at(13) else 20.0


def processor(device: str, time_ms: int, percent: float) -> Samples:
    tags = {"device": device, "site": "nairobi", "region": "africa", "device_class": "router"}
    row = {**tags, "name": "CPU 1", "oid": "1"}
    return Samples("noc_processor", from_ms(time_ms), tuple(row), ("usage_pct",), (tuple(row.values()),), ((percent,),))


def numbers() -> Iterator[list[Samples]]:
    """Yield what is read every five minutes."""
    for time_ms in range(at(3), at(17), 300_000):
        yield [processor("nbo-1", time_ms, usage(time_ms)), processor("hub-1", time_ms, 20.0)]


def change(entity: str, status: Status, before: Status, since_ms: int) -> Transition:
    results = ((since_ms, status == "up"),)
    return Transition(entity, status, before, since_ms, since_ms + 120_000, "icmp", "hub", "confirmed", results)


def login(minute: int) -> Event:
    facts = {"user": "admin", "from": "192.0.2.77"}
    moment = at(9, minute)
    return Event("192.0.2.2", "device/nbo-1", "syslog", "LOGIN", "authentication", "warning", moment, moment, facts)


@dataclass
class Past:
    """A day in March: numbers of two routers, an outage of Nairobi from 14:00 to 14:30, some events."""

    checked: CheckResult
    folder: Path
    state: Database

    async def ask(self, change: str | Mapping[str, str], name: str = "processor-high") -> WhatIf:
        """Return what comes of a rule's file, or of a folder of them."""
        if isinstance(change, str):
            target = self.folder / f"{name}.yaml"
            target.write_text(change)
        else:
            target = self.folder / "changed"
            target.mkdir()
            for file, text in change.items():
                (target / f"{file}.yaml").write_text(text)
        rules, _ = new_rules(self.checked, self.folder / "noc.yaml", target, ENVIRONMENT)
        clock = ManualClock(DAY + timedelta(days=1))
        with opened(self.folder / "state" / "series", Retention()) as view:
            return await what_if(self.checked, rules, self.state, ViewReader(view, clock), PERIOD)


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    checked = configured(tmp_path, STORED)
    state = Database(tmp_path / "state" / "noc.db", lasting=False)
    await state.start()
    async with state.write() as connection:
        entities = [one.entity for one in checked.inventory.devices.values()] if checked.inventory else []
        await ledger.append(connection, [change(one, "up", "unknown", at(-24)) for one in entities])
        down = ["device/nbo-1", "device/nbo-sw", "device/nbo-ups"]
        await ledger.append(connection, [change(one, "down", "up", at(14)) for one in down])
        await ledger.append(connection, [change(one, "up", "down", at(14, 30)) for one in down])
        await events.insert(connection, [events.Kept(minute + 1, login(minute)) for minute in range(8)])
    settings = embedded.Settings()
    store = embedded.build(settings, Surroundings(tmp_path, tmp_path / "state", ManualClock(DAY + timedelta(days=1))))
    async with running([store]):
        for batch in numbers():
            assert await store.write(store.encode(batch)) == ()
    yield Past(checked, tmp_path, state)
    await state.stop()


async def test_the_same_rules_change_nothing(past: Past) -> None:
    found = await past.ask(BUSY)
    compared = found.found
    assert (compared.appear, compared.vanish, compared.move) == ((), (), ())
    assert found.before == found.after
    assert found.before.people["achieng"] > 0
    assert compared.same == found.before.incidents >= 2


async def test_a_lower_limit_lets_an_incident_appear(past: Past) -> None:
    found = await past.ask(BUSY.replace("raise: 90, clear: 80", "raise: 80, clear: 75"))
    assert found.change.changed == ("processor-high",)
    (new,) = found.found.appear
    assert (new.rule, new.entity, new.from_ms, new.to_ms) == ("processor-high", "device/nbo-1", at(12, 15), at(13))
    assert new.calls["achieng"] >= 1
    assert not found.found.vanish
    assert found.after.calls == found.before.calls + sum(new.calls.values())


async def test_a_higher_limit_has_one_vanish(past: Past) -> None:
    found = await past.ask(BUSY.replace("raise: 90", "raise: 99"))
    (gone,) = found.found.vanish
    assert (gone.rule, gone.from_ms, gone.to_ms) == ("processor-high", at(10, 15), at(10, 40))
    assert not found.found.appear
    assert found.after.incidents == found.before.incidents - 1


async def test_another_time_and_severity_move_one(past: Past) -> None:
    found = await past.ask(BUSY.replace("for: 15m", "for: 5m").replace("warning", "critical"))
    (moved,) = found.found.move
    assert moved.after.from_ms == at(10, 5)
    assert moved.what[:2] == ("is critical, was warning", "opens 10m earlier")
    assert not found.found.appear
    assert not found.found.vanish


OFF = "enabled: false\n"


async def test_an_outage_that_another_rule_raises_moves(past: Past) -> None:
    found = await past.ask(OFF, "transport-down")
    assert found.change.removed == ("transport-down",)
    (moved,) = found.found.move
    assert "is raised by device-down, was by transport-down" in moved.what
    assert moved.before.entity == moved.after.entity
    assert not found.found.appear
    assert not found.found.vanish


async def test_an_outage_vanishes_with_its_rules(past: Past) -> None:
    found = await past.ask({"transport-down": OFF, "device-down": OFF, "probe-down": OFF, "terminal-down": OFF})
    (gone,) = found.found.vanish
    assert (gone.rule, gone.entity) == ("transport-down", "site/nairobi")
    assert found.after.calls < found.before.calls


async def test_a_lost_site_speaks_by_the_rule_of_what_is_in_it_when_its_edge_has_none(past: Past) -> None:
    switches = "kind: down\nsummary: Switch down\nseverity: minor\nfor: 0s\nclasses: [switch]\n"
    found = await past.ask({"transport-down": OFF, "device-down": switches})
    (moved,) = found.found.move
    assert (moved.before.entity, moved.after.entity, moved.after.root) == ("site/nairobi", "site/nairobi", None)
    assert moved.what == ("is raised by device-down, was by transport-down", "is minor, was critical")


async def test_events_are_played_too(past: Past) -> None:
    rule = """\
kind: event
summary: Somebody tries passwords
severity: major
match: {classes: [authentication], names: [LOGIN]}
count: 5
within: 10m
clear_after: 30m
"""
    found = await past.ask(rule, "passwords")
    assert found.change.added == ("passwords",)
    (new,) = found.found.appear
    assert (new.rule, new.from_ms) == ("passwords", at(9, 4))
    assert any("events that came again" in one for one in found.unplayed)


async def test_what_is_not_there_is_told(past: Past) -> None:
    found = await past.ask(BUSY)
    said = "\n".join(found.unplayed)
    assert "the store has no number of" in said
    assert "interface" in said
    assert "of noc itself" in said
    assert "the ledger begins" not in said


async def test_too_many_series_at_once_are_read_in_parts(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    lower = BUSY.replace("raise: 90, clear: 80", "raise: 80, clear: 75")
    whole = await past.ask(lower)
    monkeypatch.setattr(pastnumbers, "SERIES_AT_ONCE", 1)
    assert await past.ask(lower) == whole


async def test_it_is_asked_while_the_daemon_writes(past: Past) -> None:
    lower = BUSY.replace("raise: 90, clear: 80", "raise: 80, clear: 75")
    alone = await past.ask(lower)
    clock = ManualClock(DAY + timedelta(days=1))
    store = embedded.build(embedded.Settings(), Surroundings(past.folder, past.folder / "state", clock))
    async with running([store]):
        assert await store.write(store.encode([processor("nbo-1", at(15, 1), 20.0)])) == ()
        beside = await past.ask(lower)
    assert beside.found == alone.found


async def test_a_wrong_rule_is_told_with_its_place(past: Past) -> None:
    with pytest.raises(InputError, match=r"processor-high\.yaml:7:8: error"):
        await past.ask(BUSY.replace("field: usage_pct", "field: usage_pc"))
    with pytest.raises(UsageError, match="there is no such file"):
        new_rules(past.checked, past.folder / "noc.yaml", past.folder / "none.yaml", ENVIRONMENT)


def run(
    past: Past, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[object, str, str]:
    """Return exit code, stdout and stderr of the command."""
    monkeypatch.setenv("COMMUNITY", "public")
    monkeypatch.setenv("COLUMNS", "200")
    rule = past.folder / "processor-high.yaml"
    rule.write_text(BUSY.replace("raise: 90, clear: 80", "raise: 80, clear: 75"))
    config = ["--config", str(past.folder / "noc.yaml")]
    monkeypatch.setattr(sys, "argv", ["noc", "rules", "what-if", str(rule), *config, *arguments])
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code or 0, captured.out, captured.err


FROM_TO = ("--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T16:00:00Z")


def test_people_are_told_line_by_line(
    past: Past, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(past, monkeypatch, capsys, *FROM_TO)
    assert code == 0
    assert "changed: processor-high" in out
    assert re.search(r"appears +2026-03-02T12:15:00.*device/nbo-1 +processor-high +warning", out)
    assert "1 appear, 0 vanish, 0 move, 3 the same" in out
    assert "not played: the store has no number of" in err


def test_programs_are_told_one_document(
    past: Past, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(past, monkeypatch, capsys, *FROM_TO, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["appear"][0]["opened_at"] == "2026-03-02T12:15:00Z"
    assert answer["rules"] == {"added": [], "removed": [], "changed": ["processor-high"]}
    assert answer["after"]["calls"] > answer["before"]["calls"]
    assert answer["not_played"]


def test_rules_that_differ_can_be_played_alone(
    past: Past, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = json.loads(run(past, monkeypatch, capsys, *FROM_TO, "--json")[1])
    alone = json.loads(run(past, monkeypatch, capsys, *FROM_TO, "--json", "--changed-alone")[1])
    assert alone["appear"] == whole["appear"]
    assert 0 < alone["same"] < whole["same"]
    assert "those that don't differ were left out" in alone["not_played"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--days", "2", *FROM_TO[:2]), "give one of them"),
        (("--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T08:00:00Z"), "is not before"),
    ],
)
def test_a_period_that_makes_no_sense_is_told(
    past: Past,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    code, _, err = run(past, monkeypatch, capsys, *arguments)
    assert code == 2
    assert said in err
