"""The numbers of the past of a world."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from noc.availability.spans import NEVER, Span, contains
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.simulator.pastplan import HOUR_MS, MINUTE_MS, Wave
from noc.simulator.pastpolls import PastPolls, context
from noc.simulator.pastrun import Spent, frames
from noc.simulator.reach import down_spans
from noc.simulator.run import WorldArguments
from noc.spool.payload import unpack
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, story, world

PROFILES, _ = kept_profiles([shipped("profiles")])
DAYS_MS = 10 * DAY_MS
SMALL = WorldArguments(sites=3, devices=8, begins_ms=NOW_MS)


def told_of(number: int, start_ms: int, stop_ms: int, every: int = 1) -> list[Samples]:
    """Return the tables of a device's interfaces."""
    polls = PastPolls(story(), PROFILES, 120.0).of(Wave((number,), start_ms, stop_ms, every))
    return [table for told in polls for table in told if table.measurement == "interface"]


def rate(table: Samples) -> float | None:
    return table.values[0][table.field_keys.index("in_bps")]


def longest_outage() -> tuple[int, Span]:
    spans = down_spans(story(), NOW_MS - DAYS_MS, NOW_MS)
    return max(
        ((number, span) for number in spans for span in spans[number]), key=lambda one: one[1].end - one[1].start
    )


def test_there_is_no_number_of_an_outage_that_the_ledger_has() -> None:
    number, outage = longest_outage()
    start_ms, stop_ms = outage.start - HOUR_MS, outage.end + HOUR_MS
    spans = down_spans(story(), NOW_MS - DAYS_MS, NOW_MS).get(number, NEVER)
    (wave,) = [Wave((number,), start_ms, stop_ms, 1)]
    rhythm = PastPolls(story(), PROFILES, 120.0).rhythm(world().devices[number])
    wanted = [poll.at_ms for poll in wave.polls(*rhythm) if poll.is_told and not contains(spans, poll.at_ms)]
    assert outage.end - outage.start > 10 * MINUTE_MS
    assert [to_ms(table.time) for table in told_of(number, start_ms, stop_ms)] == wanted


def test_rates_are_there_from_the_first_poll_on_and_the_mean_of_the_time_between_two() -> None:
    number = world().edges["brindisi"][0].number
    close = told_of(number, NOW_MS - HOUR_MS, NOW_MS)
    wide = told_of(number, NOW_MS - HOUR_MS, NOW_MS, every=7)
    rates = {to_ms(table.time): rate(table) for table in close}
    assert len(wide) in (4, 5)
    for table in wide[1:]:
        at_ms = to_ms(table.time)
        seven = [rates[at_ms - back * 120_000] for back in range(7)]
        assert rate(table) is not None
        assert abs(sum(one or 0.0 for one in seven) / 7 - (rate(table) or 0.0)) < 1.0
    assert all(one is not None for one in rates.values())


def test_series_have_the_tags_of_the_inventory() -> None:
    device = world().edges["brindisi"][0]
    (table, *_) = told_of(device.number, NOW_MS - 10 * MINUTE_MS, NOW_MS)
    tags = dict(zip(table.tag_keys, table.tags[0], strict=True))
    assert context(world(), device.entity).items() <= tags.items()
    assert tags["device_class"] == "router"


def heads(made: Iterator[bytes]) -> list[tuple[dict[str, int], bytes]]:
    found = []
    for one in made:
        head, _, payload = one.partition(b"\n")
        found.append((json.loads(head), payload))
    return found


@cache
def many() -> list[tuple[dict[str, int], bytes]]:
    return heads(frames(SMALL, PROFILES, cpu_s=1e9, numbers=60_000))


def test_frames_hold_bodies_of_the_spool_and_say_how_full_circuits_were() -> None:
    found = many()
    assert all(head["bytes"] == len(payload) for head, payload in found)
    assert found[-1][0]["devices"] == 8
    ((_, uses),) = [(head, payload) for head, payload in found if head["uses"]]
    named = {table.tags[0][table.tag_keys.index("device")] for table in unpack(uses).samples()}
    assert named == {edges[0].id for edges in SMALL.world().edges.values()}
    newest = [to_ms(table.time) for table in unpack(uses).samples()]
    assert NOW_MS - 15 * MINUTE_MS < min(newest) <= max(newest) <= NOW_MS


def test_it_ends_when_its_time_is_up_or_it_has_told_enough() -> None:
    few = heads(frames(SMALL, PROFILES, cpu_s=1e9, numbers=1))
    assert sum(unpack(payload).values for _, payload in few) <= 10_000
    assert heads(frames(SMALL, PROFILES, cpu_s=0.0)) == []


def rows(found: list[tuple[dict[str, int], bytes]]) -> set[tuple[str, int, tuple[str, ...]]]:
    """Return measurement, time and series of all that frames hold."""
    tables = [table for head, payload in found if not head["uses"] for table in unpack(payload).samples()]
    return {(table.measurement, to_ms(table.time), tags) for table in tables for tags in table.tags}


def test_one_that_goes_on_tells_what_the_first_one_did_not() -> None:
    whole = many()
    until = next(number for number, (head, _) in enumerate(whole) if head["waves"] and not head["uses"])
    first, head = whole[: until + 1], whole[until][0]
    before = Spent(head["waves"], head["numbers"], head["cpu_s"])
    # It tells the wave anew in which the first one was ended, and counts what it tells twice.
    rest = heads(frames(SMALL, PROFILES, cpu_s=1e9, numbers=70_000, before=before))
    assert rows(first) < rows(whole) <= rows(first) | rows(rest)
    assert not rows(first) <= rows(rest)
    assert not any(head["uses"] for head, _ in rest)
    assert rest[-1][0]["numbers"] > before.numbers
    assert rest[-1][0]["cpu_s"] > before.cpu_s


def test_what_earlier_ones_took_counts() -> None:
    assert heads(frames(SMALL, PROFILES, cpu_s=1e9, numbers=1000, before=Spent(0, 999_999))) == []
    assert heads(frames(SMALL, PROFILES, cpu_s=50.0, before=Spent(0, 0, 60.0))) == []
