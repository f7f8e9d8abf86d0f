"""What stands in a query: limits, cursors, times, numbers. What is wrong with it is a 400 that names the parameter."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from aiohttp import web

from noc.availability.times import from_datetime, parse
from noc.clock import Clock
from noc.http.problems import bad_request
from noc.model.finding import did_you_mean
from noc.model.instants import length_ms
from noc.settings.schema import parse_duration

LIMIT: Final = 100
LIMIT_AT_MOST: Final = 1_000
LONGEST: Final = 500
"""Characters of one value."""

_RELATIVE = re.compile(r"now(?:-([0-9]{1,9}(?:ms|s|m|h|d)))?\Z")
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,10})?(?:[eE][+-]?[0-9]{1,2})?")
_LOST_PLUS = re.compile(r"\A(\S+) ([0-9]{2}:?[0-9]{2})\Z")
_FURTHEST = timedelta(days=3650)

Word = TypeVar("Word", bound=str)


def text(request: web.Request, name: str) -> str | None:
    """Return a parameter that may be given once."""
    given = request.query.getall(name, [])
    if len(given) > 1:
        raise bad_request(f"/query/{name}", "is given more than once")
    if given and len(given[0]) > LONGEST:
        raise bad_request(f"/query/{name}", f"is longer than {LONGEST} characters")
    return given[0] if given else None


def required(request: web.Request, name: str) -> str:
    """Return a parameter that must be given."""
    found = text(request, name)
    if not found:
        raise bad_request(f"/query/{name}", "is missing")
    return found


def many(request: web.Request, name: str, at_most: int, least: int = 1) -> list[str]:
    """Return the values of a parameter that may be given several times; none where it isn't. least: characters."""
    given = request.query.getall(name, [])
    if len(given) > at_most:
        raise bad_request(f"/query/{name}", f"is given more than {at_most} times")
    if any(len(value) > LONGEST for value in given):
        raise bad_request(f"/query/{name}", f"is longer than {LONGEST} characters")
    if any(len(value) < least for value in given):
        raise bad_request(f"/query/{name}", f"must have 1 to {LONGEST} characters")
    return list(given)


def words(request: web.Request, name: str, known: Sequence[Word]) -> Collection[Word]:
    """Return the words of a parameter that may be given several times; all known ones where it isn't."""
    given = request.query.getall(name, [])
    found = [word for word in known if word in given]
    for wrong in set(given) - set(known):
        raise bad_request(
            f"/query/{name}", f"'{wrong[:60]}' is not one of {', '.join(known)}{did_you_mean(wrong, known)}"
        )
    return found or known


def word(request: web.Request, name: str, known: Sequence[Word]) -> Word:
    """Return the word of a parameter that may be given once; the first known one where it isn't."""
    found = list(words(request, name, known)) if name in request.query else list(known[:1])
    if len(found) > 1:
        raise bad_request(f"/query/{name}", "is given more than once")
    return found[0]


def limit(request: web.Request, by_default: int = LIMIT) -> int:
    """Return how many items a page may have."""
    given = text(request, "limit")
    if given is None:
        return by_default
    if not re.fullmatch(r"[0-9]{1,9}", given) or not 1 <= int(given) <= LIMIT_AT_MOST:
        raise bad_request("/query/limit", f"must be a whole number from 1 to {LIMIT_AT_MOST}")
    return int(given)


def cursor(request: web.Request) -> str | None:
    """Return where the page before ended."""
    given = text(request, "cursor")
    if given is None:
        return None
    try:
        padded = given + "=" * (-len(given) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, str) or not place.isprintable():
        raise bad_request("/query/cursor", "is none of noc's; take `next` of the page before, as it is")
    return place


def number_cursor(request: web.Request) -> int | None:
    """Return where the page before ended, for lists in the order of a number."""
    place = cursor(request)
    if place is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", place):
        raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
    return int(place)


def next_cursor(place: str | int) -> str:
    """Return the cursor that stands for a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(str(place)).encode()).decode().rstrip("=")


def time(request: web.Request, name: str, clock: Clock) -> int | None:
    """Return a time in milliseconds: `2026-03-01T00:00:00Z`, `now` or `now-6h`."""
    given = text(request, name)
    if given is None:
        return None
    relative = _RELATIVE.match(given)
    try:
        if relative is not None:
            return _relative(relative[1], clock)
        # An unencoded + of a zone arrives as a blank.
        return parse(_LOST_PLUS.sub(r"\1+\2", given))
    except ValueError as error:
        raise bad_request(f"/query/{name}", f"{error}; or now-6h") from error


def number(request: web.Request, name: str) -> float:
    """Return a number that is given: `12`, `-3.5`, `1e6`."""
    given = required(request, name)
    if not _NUMBER.fullmatch(given):
        raise bad_request(f"/query/{name}", "must be a number")
    return float(given)


def duration(request: web.Request, name: str) -> timedelta | None:
    """Return a positive duration: `5m`."""
    given = text(request, name)
    if given is None:
        return None
    try:
        found = parse_duration(given)
    except ValueError as error:
        raise bad_request(f"/query/{name}", str(error)) from error
    if found < timedelta(seconds=1):
        raise bad_request(f"/query/{name}", "must be a second or longer")
    return found


def now_ms(clock: Clock) -> int:
    """Return the time now, in whole milliseconds."""
    now = clock.now()
    return from_datetime(now.replace(microsecond=now.microsecond // 1000 * 1000))


def _relative(back: str | None, clock: Clock) -> int:
    if back is None:
        return now_ms(clock)
    duration = parse_duration(back)
    if duration > _FURTHEST:
        raise ValueError(f"'now-{back}' is more than {_FURTHEST.days} days ago")
    return now_ms(clock) - length_ms(duration)
