"""Dead letters: rows that a store will never take, with the reason. A file that people can read. Blocking file calls.

A letter is a line of JSON: id, time, reason, number of values, and the rows as line protocol; of a batch that can't be
read its bytes in base64. That one was sent again is another line. The file is bounded: beyond its size it becomes
`.old`, in place of the one before it.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc import crashpoints
from noc.model.samples import Samples
from noc.spool.payload import unpack
from noc.spool.record import checksum
from noc.wire.lineparser import samples_of

FILE: Final = "dead-letters.jsonl"
OLD: Final = ".jsonl.old"
BYTES_AT_MOST: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Letter:
    """What a store refused of one batch. rows: line protocol, `precision=ms`; raw: of a batch that can't be read.

    time: when, RFC 3339. sent_again: when, empty if it was not.
    """

    id: str
    time: str
    reason: str
    values: int
    rows: str
    raw: bytes = b""
    sent_again: str = ""

    def samples(self) -> list[Samples]:
        """Return what it holds. Raises ValueError where it can't be read."""
        return unpack(self.raw).samples() if self.raw else samples_of(self.rows.splitlines())


def letter(seq: int, time: str, reason: str, values: int, rows: str = "", raw: bytes = b"") -> Letter:
    """Return a letter of a batch. The same refusal of the same batch gives the same id."""
    text = rows.encode("utf-8", "replace")
    return Letter(f"{seq}-{checksum(raw or text):08x}", time, reason, values, rows, raw)


class Letters:
    """The letters of one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._known: set[str] | None = None

    def add(self, letters: Sequence[Letter]) -> None:
        """Have letters on disk when this returns; those that are there already are left out. Raises OSError."""
        if self._known is None:
            self._known = {entry.id for entry in self.read()}
        fresh = [entry for entry in letters if entry.id not in self._known]
        if self._append([_line(entry) for entry in fresh]):
            self._known = None  # of letters that are gone nothing is remembered
        else:
            self._known.update(entry.id for entry in fresh)
        crashpoints.reached("drain.letter-written")

    def sent_again(self, known: Letter, time: str) -> None:
        """Note that a letter was put into the spool once more. Raises OSError."""
        self._append([json.dumps({"id": known.id, "sent_again": time})])

    def read(self) -> list[Letter]:
        """Return all letters, the oldest first; lines that are none are left out. Raises OSError."""
        found: dict[str, Letter] = {}
        for line in self._lines():
            entry = _parsed(line)
            if isinstance(entry, Letter):
                found.setdefault(entry.id, entry)
            elif entry is not None and entry[0] in found:
                known = found[entry[0]]
                found[known.id] = Letter(
                    known.id, known.time, known.reason, known.values, known.rows, known.raw, entry[1]
                )
        return list(found.values())

    def _lines(self) -> Iterator[str]:
        for path in (self.path.with_suffix(OLD), self.path):
            if path.exists():
                with path.open(encoding="utf-8", errors="replace") as file:
                    yield from file

    def _append(self, lines: Sequence[str]) -> bool:
        """Append lines; return whether a new file was begun for them. Raises OSError."""
        if not lines:
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        anew = self.path.exists() and self.path.stat().st_size > BYTES_AT_MOST
        if anew:
            self.path.replace(self.path.with_suffix(OLD))
        whole = _ends_with_a_line(self.path)
        with self.path.open("a", encoding="utf-8", errors="replace") as file:
            file.write("" if whole else "\n")  # a crash may have torn the last one
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return anew


def _ends_with_a_line(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _line(entry: Letter) -> str:
    found = {"id": entry.id, "time": entry.time, "reason": entry.reason, "values": entry.values, "rows": entry.rows}
    if entry.raw:
        found["raw"] = b64encode(entry.raw).decode()
    return json.dumps(found, ensure_ascii=False)


def _parsed(line: str) -> Letter | tuple[str, str] | None:
    """Return a letter, or the id of one that was sent again and when; None for a line that is neither."""
    try:
        found = json.loads(line)
        if "sent_again" in found:
            return str(found["id"]), str(found["sent_again"])
        rows, raw = str(found.get("rows", "")), b64decode(found.get("raw", ""))
        known = found.get("id") or letter(0, "", "", 0, rows, raw).id  # of noc before letters had ids
        return Letter(str(known), str(found["time"]), str(found["reason"]), int(found.get("values", 0)), rows, raw)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
