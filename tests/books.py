"""The shipped book of events, read once by the tests of one process: nobody changes it."""

from __future__ import annotations

from functools import cache

from noc.inventory.events.compiled import EventBook
from noc.inventory.events.load import load_events
from noc.inventory.shipped import shipped


@cache
def book() -> EventBook:
    return load_events([shipped("events")])[0]
