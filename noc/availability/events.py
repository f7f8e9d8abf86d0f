"""Reads evidence: one JSON object a line, in any order. Every wrong line is found, the first ones are named.

`{"time": "2026-03-01T00:00:10Z", "entity": "device/nairobi-rtr-1", "ok": true}`
"""

from __future__ import annotations

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from noc.availability.entities import PROBED, check_entity
from noc.availability.evidence import Result
from noc.availability.times import format_time, parse
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean

MAX_LINE: Final = 65_536
"""Bytes of a line; one that noc writes has about a hundred."""

MAX_FINDINGS: Final = 20
STDIN: Final = "-"

_KEYS: Final = ("time", "entity", "ok")
_KEY_SET: Final = frozenset(_KEYS)
_AN_EVENT: Final = "an event is one JSON object with time, entity and ok"

# Objects become tuples of pairs, so that a key that stands twice is seen; arrays are lists.
_DECODER = json.JSONDecoder(object_pairs_hook=tuple)


def read_events(path: Path) -> Mapping[str, Sequence[Result]]:
    """Return the results of each entity in order of time, exact duplicates once; `-` reads standard input.

    Raises InputError, which names up to MAX_FINDINGS wrong lines and counts the others.
    """
    if str(path) == STDIN:
        return parse_events(sys.stdin.buffer, "<stdin>")
    try:
        with path.open("rb") as stream:
            return parse_events(stream, str(path))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError([Finding(str(path), 0, 0, "error", f"can't be read: {reason}")]) from error


def parse_events(stream: BinaryIO, file: str) -> Mapping[str, Sequence[Result]]:
    """Read events from a stream of bytes; see `read_events`. file: what messages call it."""
    reader = _Reader(file)
    for number, line in enumerate(_lines(stream), start=1):
        reader.take(number, line.removeprefix(BOM_UTF8) if number == 1 else line)
    if reader.wrong:
        raise InputError(reader.report())
    return {entity: _series(lines) for entity, lines in reader.entities.items()}


class _Reader:
    """Sorts results by entity; keeps for each time the line that it came from, negative where the result was bad."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.entities: dict[str, dict[int, int]] = {}
        self.findings: list[Finding] = []
        self.wrong = 0

    def take(self, number: int, line: bytes) -> None:
        """Take one line."""
        try:
            event = _event(line)
            if event is None:
                return
            time, entity, ok = event
            lines = self.entities.get(entity)
            if lines is None:
                lines = self.entities.setdefault(check_entity(entity, PROBED), {})
        except ValueError as error:
            self._refuse(number, str(error))
            return
        first = lines.setdefault(time, number if ok else -number)
        if (first > 0) is not ok:
            here, there = ("ok", "not ok") if ok else ("not ok", "ok")
            message = f"{entity} at {format_time(time)} is {here} here and {there} in line {abs(first)}"
            self._refuse(number, f"{message}; remove the one that is false")

    def _refuse(self, number: int, message: str) -> None:
        self.wrong += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(self.file, number, 1, "error", message))

    def report(self) -> list[Finding]:
        """Return the findings, and how many there were beside them."""
        more = self.wrong - len(self.findings)
        if not more:
            return self.findings
        lines = "1 more line is" if more == 1 else f"{more:,} more lines are"
        return [*self.findings, Finding(self.file, 0, 0, "error", f"{lines} wrong; these are the first {MAX_FINDINGS}")]


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of one that is too long its beginning, which is longer than MAX_LINE."""
    read = partial(stream.readline, MAX_LINE + 1)
    for line in iter(read, b""):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = read()


def _event(line: bytes) -> tuple[int, str, bool] | None:
    """Return what a line says, None where it is blank. Raises ValueError where it is wrong."""
    if len(line) > MAX_LINE:
        raise ValueError(f"a line of more than {MAX_LINE} bytes; {_AN_EVENT}")
    pairs = _decode(line)
    if pairs is None:
        return None
    fields = dict(pairs)
    if len(pairs) != len(_KEYS) or fields.keys() != _KEY_SET:
        raise ValueError(_wrong_keys(pairs))
    time, entity, ok = fields["time"], fields["entity"], fields["ok"]
    if ok is not True and ok is not False:
        raise ValueError(f"ok: must be true or false, not {_shown(ok)}")
    if type(entity) is not str:
        raise ValueError(f"entity: must be text, not {_shown(entity)}")
    return parse(time), entity, ok


def _decode(line: bytes) -> tuple[tuple[str, object], ...] | None:
    """Return the pairs of a JSON object, None where the line is blank. Raises ValueError for anything else."""
    try:
        text = line.decode().strip(" \t\r\n")
        if not text:
            return None
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} (character {error.pos + 1}); {_AN_EVENT}") from error
    except RecursionError as error:
        raise ValueError(f"nested too deeply; {_AN_EVENT}") from error
    if type(value) is not tuple:
        raise ValueError(f"not a JSON object, but {_shown(value)}; {_AN_EVENT}")
    return value


def _wrong_keys(pairs: tuple[tuple[str, object], ...]) -> str:
    keys = [key for key, _ in pairs]
    problems = [
        *(f"unknown key '{key}'{did_you_mean(key, _KEYS)}" for key in dict.fromkeys(keys) if key not in _KEYS),
        *(f"missing key '{key}'" for key in _KEYS if key not in keys),
        *(f"duplicate key '{key}'" for key in dict.fromkeys(keys) if keys.count(key) > 1),
    ]
    return f"{'; '.join(problems)}; {_AN_EVENT}"


def _series(lines: dict[int, int]) -> list[Result]:
    return [(time, line > 0) for time, line in sorted(lines.items())]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
