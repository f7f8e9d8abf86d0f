"""What `noc profile test` read of recordings: held against what is expected, and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text

from noc.cli._console import complain, printable
from noc.cli._snapshot import document
from noc.cli._table import MISSING, Column, print_rows
from noc.model.counting import counted
from noc.model.errors import UsageError
from noc.model.snapshot import Snapshot

DIFFERENCES_TOLD: Final = 20
NAME_CHARACTERS: Final = 60

_COUNTED: Final = {
    "interfaces": "",
    "sensors": "",
    "processors": "processors",
    "memory": "memory",
    "storage": "storage",
    "peers": "bgp_peers",
}
"""Column to the list that it counts; the first two are no lists of records."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One recording: what was read of it, and how that differs from what is expected.

    taken: None where nothing could be read, and failure says why. differences: None where nothing is expected.
    """

    path: Path
    taken: Snapshot | None
    differences: tuple[str, ...] | None = None
    failure: str | None = None

    @property
    def profile(self) -> str | None:
        """Return the profile that read it."""
        return self.taken.device.profile if self.taken is not None else None

    @property
    def is_wrong(self) -> bool:
        """Tell whether something could not be read, or is not as expected."""
        return self.taken is None or bool(self.taken.errors or self.differences)

    def told(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "recording": self.path.stem,
            "profile": self.profile,
            "failure": self.failure,
            "differences": self.differences,
            "read": lasting(self.taken) if self.taken is not None else None,
        }


def expected_of(path: Path) -> Path:
    """Return the file that says what is expected of a recording."""
    return path.with_suffix(".expected.json")


def lasting(taken: Snapshot) -> dict[str, object]:
    """Return what does not depend on when and where a recording was polled."""
    told = json.loads(json.dumps(document(taken)))
    told.pop("duration_ms")
    told["device"].pop("address")
    return dict(told)


def differences(path: Path, taken: Snapshot) -> tuple[str, ...] | None:
    """Return how what was read differs from what is expected; None where nothing is. Raises UsageError."""
    expected = expected_of(path)
    if not expected.exists():
        return None
    try:
        before = json.loads(expected.read_text())
    except ValueError as error:
        raise UsageError(f"{expected}: no JSON ({error}); write it anew with --update") from error
    return tuple(_unlike(before, lasting(taken), ""))


def _unlike(before: object, now: object, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _unlike(before.get(key), now.get(key), f"{place}.{key}" if place else key)
    elif isinstance(before, list) and isinstance(now, list):
        old, new = ({_row_key(row, at): row for at, row in enumerate(rows)} for rows in (before, now))
        for key in sorted(old.keys() | new.keys()):
            yield from _unlike(old.get(key), new.get(key), f"{place}[{key}]")
    elif before != now and (before or now or _is_number(before) or _is_number(now)):  # an empty list is as good as none
        yield f"{place}: expected {_short(before)}, read {_short(now)}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)  # 0 and false are something


def _row_key(row: object, at: int) -> str:
    if isinstance(row, dict):
        for key in ("oid", "if_index", "peer", "neighbor", "index", "name"):
            if row.get(key) is not None:
                return f"{key}={row[key]}"
    return str(at)


def _short(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= NAME_CHARACTERS else text[: NAME_CHARACTERS - 1] + "…"


def show(tried: Sequence[Tried], *, written: bool) -> None:
    """Print a row for each recording, and what is wrong below. written: what was read is expected from now on."""
    heads = ("recording", "profile", *_COUNTED, "others", "errors")
    columns = [Column(head, right=at > 1, shrinks_to=12 if at == 0 else None) for at, head in enumerate(heads)]
    columns.append(Column("expected"))
    print_rows(columns, [_row(one, written) for one in tried])
    for one in tried:
        name = one.path.stem
        if one.failure is not None:
            complain(f"{name}: nothing read: {one.failure}")
        for part in one.taken.errors if one.taken is not None else ():
            complain(f"{name}: {part.what}: {part.reason}")
        unlike = () if written or one.differences is None else one.differences
        for difference in unlike[:DIFFERENCES_TOLD]:
            complain(f"{name}: {difference}")
        if len(unlike) > DIFFERENCES_TOLD:
            complain(f"{name}: {counted(len(unlike) - DIFFERENCES_TOLD, 'more difference')}; --json tells all")


def _row(one: Tried, written: bool) -> list[Text]:
    cells = [Text(printable(one.path.stem)), Text(one.profile) if one.profile else MISSING]
    taken = one.taken
    if taken is None:
        return [*cells, *(MISSING for _ in range(len(_COUNTED) + 2)), Text("not read", "red")]
    records = taken.records
    numbers = (
        len(taken.interfaces),
        len(taken.sensors),
        *(len(records[listed]) for listed in _COUNTED.values() if listed),
        sum(len(rows) for listed, rows in records.items() if listed not in _COUNTED.values())
        + sum(value is not None for value in taken.satellite.values()),
        len(taken.errors),
    )
    if written:
        verdict = Text("written", style="yellow")
    elif one.differences is None:
        verdict = MISSING
    elif one.differences:
        verdict = Text(f"{len(one.differences)} differ", style="red")
    else:
        verdict = Text("as expected", "green")
    return [*cells, *(Text(str(number)) if number else MISSING for number in numbers), verdict]
