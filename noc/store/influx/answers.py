"""What the server's answers mean: stored, refused for good, too much at once, try again, or people must act. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from noc.model.errors import StoreError
from noc.store.influx.access import Access
from noc.wire.http import HttpAnswer, origin, retry_after_s
from noc.wire.lineprotocol import kept

MAX_REASON_CHARACTERS: Final = 300

# Of what a server says to a 400: about the lines, or about where they should go.
_OF_THE_LINES: Final = re.compile(r"partial write|unable to parse|dropped=\d+|conflict|retention policy|^invalid line")
_OF_THE_PLACE: Final = re.compile(r"\b(database|bucket|org(anization|id)?|precision)\b", re.IGNORECASE)
_DROPPED: Final = re.compile(r"dropped=(\d+)\s*\Z")
_NOT_THERE: Final = re.compile(
    r"\b(database|retention policy|bucket|organi[sz]ation|dbrp)\b.*(not found|not exist)", re.IGNORECASE
)
_TOO_LARGE, _UNPROCESSABLE = 413, 422
_TRY_AGAIN: Final = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Unstored:
    """Not all of a body was stored. dropped: how many lines the server will never take, where it says so."""

    reason: str
    dropped: int | None = None


def of_write(answer: HttpAnswer, access: Access, now: datetime) -> Unstored | None:
    """Return None where all was stored. Raises StoreError where the lines are not what is wrong."""
    if 200 <= answer.status < 300:
        return None
    said = reason(answer, access)
    if answer.status in (400, _UNPROCESSABLE) and (_OF_THE_LINES.search(said) or not _OF_THE_PLACE.search(said)):
        dropped = _DROPPED.search(said)
        return Unstored(said, int(dropped[1]) if dropped else None)
    if answer.status == _TOO_LARGE:
        return Unstored(said)
    raise failure(answer, access, now)


def failure(answer: HttpAnswer, access: Access, now: datetime) -> StoreError:
    """Return what an answer that is no success means for people."""
    server = access.server
    said = reason(answer, access)
    told = f"{server}: {answer.status}, {said}"
    match answer.status:
        case 401:
            return StoreError(f"{server}: refuses the log-in ({said}): {access.log_in}", refused=True)
        case 403:
            return StoreError(f"{server}: does not allow it ({said}): {access.allow}", refused=True)
        case _ if _NOT_THERE.search(said):
            return missing(access, said)
        case 404:
            why = f"check url and dialect: a server of {access.dialect} would know this path"
            return StoreError(f"{told}: {why}", refused=True)
        case status if status in _TRY_AGAIN or status >= 500:
            return StoreError(told, retry_after_s(answer, now))
        case status if 300 <= status < 400:
            target = origin(answer.headers.get("location", ""))
            return StoreError(f"{server}: leads on to {target}: write that as url", refused=True)
    return StoreError(f"{told}: check url, dialect and where it should write", refused=True)


def missing(access: Access, said: str) -> StoreError:
    """Return that the database is not there, and how to make it."""
    return StoreError(f"{access.server}: {said}: {access.missing}", refused=True)


def failure_of_query(said: str, access: Access) -> StoreError:
    """Return what the error inside an answer to a query means; such answers have status 200."""
    clean = _clean(said, access)
    if _NOT_THERE.search(clean):
        return missing(access, clean)
    return StoreError(f"{access.server}: the query failed: {clean}")


def reason(answer: HttpAnswer, access: Access) -> str:
    """Return the server's own words in one line: 1.x and 3 say `error`, 2.x says `message`."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    said = ""
    if isinstance(document, dict):
        said = " ".join(text for key in ("error", "message") if isinstance(text := document.get(key), str))
    return _clean(said or answer.headers.get("x-influxdb-error", "") or answer.text(), access) or "no reason given"


def _clean(text: str, access: Access) -> str:
    shown = " ".join(kept(access.without_secrets(text)).split())
    if len(shown) <= MAX_REASON_CHARACTERS:
        return shown
    half = MAX_REASON_CHARACTERS // 2  # the server repeats a long line, and tells behind it what is wrong with it
    return f"{shown[:half]}…{shown[-half:]}"
