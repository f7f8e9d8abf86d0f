"""The time of a page's charts, as its address names it: `range=6h`, or `from` and `to` in ISO 8601. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.web.zones import Times

RANGES: Final = ("1h", "6h", "24h", "7d", "30d")
SHOWN_OTHERWISE: Final = "6h"
_LENGTH_AT_MOST: Final = 40


def shown(query: Mapping[str, str]) -> str:
    """Return the range that is shown: the one that an address names, or, without it or for none of these, 6 hours."""
    asked = query.get("range", SHOWN_OTHERWISE)
    return asked if asked in RANGES else SHOWN_OTHERWISE


def misread(query: Mapping[str, str], times: Times) -> list[str]:
    """Return what of the times of an address is not understood, as the details of errors; scripts then show 6 hours."""
    found = []
    asked = query.get("range", SHOWN_OTHERWISE)
    if asked not in RANGES:
        found.append(f"“range={asked[:_LENGTH_AT_MOST]}” must be one of {', '.join(RANGES)}")
    for name in ("from", "to"):
        text = query.get(name, "")
        if text and not _is_time(text, times):
            found.append(f"“{name}={text[:_LENGTH_AT_MOST]}” is no time; write it as 2026-11-01T00:00Z")
    return found


def _is_time(text: str, times: Times) -> bool:
    try:
        times.moment_ms(text)
    except ValueError:
        return False
    return True
