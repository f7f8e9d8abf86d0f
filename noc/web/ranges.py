"""The time of a page's charts, as its address names it: `range=6h`, or `from` and `to` in ISO 8601. Pure.

`from` alone reaches until now, `to` alone back by the range. What isn't understood is told, and the range is shown;
`span` of assets/src/chart.js reads an address in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from noc.web.zones import Times

RANGES: Final = ("1h", "6h", "24h", "7d", "30d")
SHOWN_OTHERWISE: Final = "6h"
_LENGTH_AT_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """What charts show. range: the last so much; empty where it is the time that the address names.

    misread: what of the address is not understood, as the details of errors.
    """

    range: str
    misread: tuple[str, ...] = ()


def shown(query: Mapping[str, str], times: Times, now_ms: int) -> Shown:
    """Return what the charts of a page show. times: of the page, for times without an offset."""
    asked = query.get("range", SHOWN_OTHERWISE)
    wrong = [] if asked in RANGES else [f"{_quoted('range', asked)} must be one of {', '.join(RANGES)}"]
    moments = {name: _moment_ms(query[name], times) for name in ("from", "to") if query.get(name)}
    no_times = [_quoted(name, query[name]) for name, at_ms in moments.items() if at_ms is None]
    wrong.extend(f"{one} is no time; write it as 2026-11-01T00:00Z" for one in no_times)
    start, stop = moments.get("from"), moments.get("to", now_ms)
    if start is not None and stop is not None and start >= stop:
        given = _quoted("from", query["from"])
        wrong.append(
            f"{given} must be before {_quoted('to', query['to'])}"
            if "to" in moments
            else f"{given} must be in the past"
        )
    return Shown("" if moments and not wrong else asked if asked in RANGES else SHOWN_OTHERWISE, tuple(wrong))


def _quoted(name: str, text: str) -> str:
    return f"“{name}={text[:_LENGTH_AT_MOST]}”"


def _moment_ms(text: str, times: Times) -> int | None:
    try:
        return times.moment_ms(text)
    except ValueError:
        return None
