"""What people ask of the spool while the daemon owns it: files in a folder, and answers beside them. Blocking calls.

A request is `<name>.request`, its answer `<name>.answer`: JSON, each moved into its place when it is whole.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = "requests"
_REQUEST: Final = ".request"
_ANSWER: Final = ".answer"
OLD_S: Final = 600.0
"""An answer that nobody has fetched for so long goes."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Give the store again what was put in `[since_ms, until_ms)`."""

    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Resend:
    """Put dead letters into the spool again. ids: which; none for all that were not sent again yet."""

    ids: tuple[str, ...]


Request = Replay | Resend


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. wrong: why nothing was done; empty: it was."""

    batches: int = 0
    values: int = 0
    wrong: str = ""


def ask(folder: Path, request: Request) -> Path:
    """Put a request into its place; return where its answer will be. Raises OSError."""
    name = uuid.uuid4().hex
    kind = "replay" if isinstance(request, Replay) else "resend"
    _put(folder / FOLDER / f"{name}{_REQUEST}", {"kind": kind, **asdict(request)})
    return folder / FOLDER / f"{name}{_ANSWER}"


def asked(folder: Path, now_s: float) -> Iterator[tuple[Path, Request | None]]:
    """Yield requests, None for what is none. now_s: seconds of the epoch, for answers that nobody fetches."""
    try:
        found = sorted((folder / FOLDER).iterdir())
    except OSError:
        return
    for path in found:
        if path.suffix == _REQUEST:
            yield path, _parsed(path)
        elif path.suffix == _ANSWER and now_s - path.stat().st_mtime > OLD_S:
            path.unlink(missing_ok=True)


def answer(request: Path, said: Answer) -> None:
    """Answer a request. Raises OSError."""
    _put(request.with_suffix(_ANSWER), asdict(said))
    request.unlink(missing_ok=True)


def answered(place: Path) -> Answer | None:
    """Return the answer, and take it away; None while there is none. Raises OSError."""
    try:
        found = Answer(**json.loads(place.read_text()))
    except FileNotFoundError:
        return None
    place.unlink(missing_ok=True)
    return found


def withdraw(place: Path) -> bool:
    """Take a request back that has no answer; False where it was taken up already. Raises OSError."""
    try:
        place.with_suffix(_REQUEST).unlink()
    except FileNotFoundError:
        return False
    return True


def _put(path: Path, document: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(document))
    fresh.replace(path)


def _parsed(path: Path) -> Request | None:
    try:
        found = json.loads(path.read_text())
        if found["kind"] == "replay":
            return Replay(int(found["since_ms"]), int(found["until_ms"]))
        return Resend(tuple(map(str, found["ids"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None
