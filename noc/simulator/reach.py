"""Who is silent while some devices fail: these, and those with no way left but through them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from noc.availability.spans import ALWAYS, NEVER, Span, Spans, intersect, union
from noc.simulator.faults import Story
from noc.simulator.world import World


def silent(world: World, failed: Collection[int]) -> bytearray:
    """Return for each device, by number, 1 where nothing is heard of it."""
    found = bytearray(len(world.devices))
    before = world.before
    if failed:
        for number in world.order:
            ways = before[number]
            if number in failed or (ways and all(found[way] for way in ways)):
                found[number] = 1
    return found


def down_spans(story: Story, start_ms: int, end_ms: int) -> dict[int, Spans]:
    """Return when nothing is heard of each device in `[start_ms, end_ms)`, by number; only those that are ever silent.

    A device is silent while it fails itself and while all that it is reached through is.
    """
    failed = _failed(story, start_ms, end_ms)
    found: dict[int, Spans] = {}
    behind: dict[tuple[int, ...], Spans] = {}
    world = story.world
    for number in world.order:
        ways = world.before[number]
        if ways not in behind:
            behind[ways] = _all_silent(ways, found)
        spans = union([*failed.get(number, NEVER), *behind[ways]])
        if spans:
            found[number] = spans
    return found


def _failed(story: Story, start_ms: int, end_ms: int) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for fault in story.between(start_ms, end_ms):
        for hit in story.hits(fault):
            if hit.what in ("cut", "dark"):
                span = Span(max(hit.start_ms, start_ms), min(hit.end_ms, end_ms))
                found.setdefault(hit.device, []).append(span)
    return found


def _all_silent(ways: Iterable[int], found: Mapping[int, Spans]) -> Spans:
    spans: Spans = ALWAYS
    some = False
    for way in ways:
        some = True
        spans = intersect(spans, found.get(way, NEVER))
        if not spans:
            return NEVER
    return spans if some else NEVER
