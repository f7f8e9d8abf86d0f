"""Worlds and stories for the tests of the simulator: small, and always the same."""

from __future__ import annotations

from functools import cache

from noc.simulator.faults import Story
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.world import World, build

NOW_MS = 1_780_000_000_000
DAY_MS = 86_400_000


@cache
def world(sites: int = 40, devices: int = 400, seed: int = 1) -> World:
    return build(sites, devices, seed)


def story(of: World | None = None, seed: int = 1, **how: bool) -> Story:
    return Story(of or world(), load_scenarios(), seed, NOW_MS, **how)


def scene(of: World | None = None, now_ms: int = NOW_MS) -> Scene:
    """Return a quiet scene."""
    return Scene(story(of, quiet=True), now_ms)
