"""Figures as people name them: by entity, or by the address that the API, or a page, shows them at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from noc.api.availability import PLURALS
from noc.availability.periods import named
from noc.availability.policy import Period
from noc.availability.times import parse
from noc.model.errors import UsageError
from noc.model.instants import to_ms

NETWORK: Final = "network"
HOUR_MS: Final = 3_600_000
_API: Final = "/api/v1/availability"
_SINGULARS: Final[Mapping[str, str]] = {plural: kind for kind, plural in PLURALS.items()}


@dataclass(frozen=True, slots=True)
class Figure:
    """entity: or `network`. The others as an address says them; None where it doesn't."""

    entity: str
    period: str | None = None
    start: str | None = None
    end: str | None = None
    known: int | None = None


def figure_of(text: str) -> Figure:
    """Return the figure that text names. Raises UsageError."""
    address = urlsplit(text)
    if not address.path.startswith("/"):
        return Figure(text)
    query = {name: values[-1] for name, values in parse_qs(address.query).items()}
    entity = _entity(unquote(address.path).rstrip("/"), query)
    if entity is None:
        raise UsageError(
            f"{text!r} shows no figure of availability; give an entity (site/nairobi), or an address such as "
            f"{_API}/sites/nairobi?period=2026-10 or /availability?period=2026-10&region=africa"
        )
    known = query.get("known", "")
    number = int(known) if known.isascii() and known.isdigit() else None
    return Figure(entity, query.get("period"), query.get("from"), query.get("to"), number)


def _entity(path: str, query: Mapping[str, str]) -> str | None:
    if path in (_API, "/availability"):
        return f"region/{query['region']}" if query.get("region") else NETWORK
    if path == f"{_API}/entity":
        return query.get("entity")
    plural, _, key = path.removeprefix(_API).removeprefix("/").partition("/")
    kind = _SINGULARS.get(plural)
    return f"{kind}/{key}" if kind is not None and key else None


def period_of(name: str | None, start: str | None, end: str | None, zone: str, now: datetime) -> Period:
    """Return the period that is asked for, by its name or by two times. Raises UsageError."""
    if (start is None) != (end is None):
        raise UsageError("--from and --to go together")
    if start is not None and end is not None:
        if name is not None:
            raise UsageError("say --period, or --from and --to, not both")
        times = []
        for option, text in (("--from", start), ("--to", end)):
            try:
                times.append(parse(text))
            except ValueError as error:
                raise UsageError(f"{option}: {error}") from error
        if times[0] >= times[1]:
            raise UsageError(f"--to {end} must be later than --from {start}")
        return Period(*times)
    text = name or f"{now:%Y-%m}"
    if text.endswith("h") and text[:-1].isascii() and text[:-1].isdigit() and 0 < int(text[:-1]) <= 87_840:
        minute = to_ms(now) // 60_000 * 60_000
        return Period(minute - int(text[:-1]) * HOUR_MS, minute)
    try:
        return named(text, zone, now).period
    except ValueError as error:
        raise UsageError(f"--period: {error}; or 24h, the last hours") from error
