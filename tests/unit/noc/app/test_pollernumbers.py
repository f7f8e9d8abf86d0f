"""How remote pollers stand becomes series, and numbers for rules, of those that are there."""

from __future__ import annotations

from datetime import timedelta

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.watch import Watch
from noc.app.pollernumbers import TELL_EVERY_S, PollerNumbers
from noc.clock import ManualClock
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.incident import RuleTransition
from noc.model.instants import to_ms
from noc.model.poller import RemotePoller
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingested
from tests.unit.noc.http.house import INVENTORY, NOW

RULES = Rules(load_rules([shipped("rules")])[0].values())
HERE = RemotePoller("nbo-1", "east", "here", waiting=3, offset_us=-90_000_400, error_us=300_000)
UNMEASURED = RemotePoller("nbo-2", "east", "draining")
GONE = RemotePoller("nbo-3", "east", "gone", offset_us=5)


async def test_those_that_are_there_are_told_of_each_minute() -> None:
    clock, charts, given = ManualClock(NOW), list[Samples](), list[tuple[Check, Ingested]]()
    service = PollerNumbers(clock, lambda: (HERE, UNMEASURED, GONE), charts.extend, lambda *told: given.append(told))
    await service.start()
    await clock.advance(TELL_EVERY_S)
    await service.stop()
    assert [check.entity for check, _ in given] == ["poller/nbo-1", "poller/nbo-2"] * 2
    assert charts == [table for _, told in given for table in told.samples]
    rows = {table.tags[0][0]: dict(zip(table.field_keys, table.values[0], strict=True)) for table in charts}
    ahead = {"clock_ahead_ms": -90_000.4, "clock_off_ms": 90_000.4, "clock_error_ms": 300.0, "frames_waiting": 3.0}
    unknown = {"clock_ahead_ms": None, "clock_off_ms": None, "clock_error_ms": None, "frames_waiting": 0.0}
    assert rows == {"poller/nbo-1": ahead, "poller/nbo-2": unknown}


async def test_the_shipped_rule_tells_of_a_clock_that_is_off_and_of_no_stranger() -> None:
    watch = Watch(RULES, INVENTORY, "hq", far=lambda: ("nbo-1",))
    clock, told = ManualClock(NOW), list[RuleTransition]()

    def judge(check: Check, ingested: Ingested) -> None:
        told.extend(watch.take(check.entity, ingested.samples, "hq"))

    stranger = RemotePoller("other", "east", "here", offset_us=90_000_000)
    service = PollerNumbers(clock, lambda: (HERE, stranger), lambda _: None, judge)
    await service.start()
    for _ in range(10):
        await clock.advance(TELL_EVERY_S)
    await service.stop()
    assert [(one.rule, one.entity, one.status) for one in told] == [("poller-clock-off", "poller/nbo-1", "raised")]
    assert watch.extent()["poller-clock-off"] == 2
    # It was removed: what was raised is cleared, for nobody asks any more.
    gone = Watch(RULES, INVENTORY, "hq")
    (cleared,) = gone.restore(watch.memories(), to_ms(NOW + timedelta(hours=1)))
    assert (cleared.rule, cleared.entity, cleared.status) == ("poller-clock-off", "poller/nbo-1", "cleared")
