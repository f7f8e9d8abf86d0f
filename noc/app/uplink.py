"""Whether this noc sees anything: what it says of itself while all is down that it reaches others over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from noc.model.present import Present

LISTED_AT_MOST: Final = 4


def uplink_trouble(present: Present, uplink: Sequence[str]) -> str:
    """Return a sentence while all of `polling: uplink:` is down; empty while some of it is seen, or none is named."""
    if not uplink or any(present.status(entity).status not in ("down", "unreachable") for entity in uplink):
        return ""
    named = ", ".join(uplink[:LISTED_AT_MOST]) + (", …" if len(uplink) > LISTED_AT_MOST else "")
    return f"noc reaches nothing: all of polling: uplink: is down ({named}); see to the line of this machine"
