"""Tables that fit a terminal: columns are cut or left out in a set order, lines are never folded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP: Final = "  "
MISSING: Final = Text("–", style="dim")
FILE_WIDTH: Final = 240
"""Of lines for a pipe or a file, which have no width."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    shrinks_to: how narrow it may be cut, with an ellipsis; None: never cut. drops: where space is short, the column
    with the highest number is left out first; 0: never. A column that may drop is also left out when it is empty.
    """

    head: str
    right: bool = False
    shrinks_to: int | None = None
    drops: int = 0


def width_of(console: Console) -> int:
    """Return how wide lines may be: as a terminal, or what COLUMNS says; much wider where nobody looks on."""
    return console.width if console.is_terminal or os.environ.get("COLUMNS") else FILE_WIDTH


def wide_console() -> Console:
    """Return a console for standard output that cuts nothing for a pipe or a file."""
    console = Console(highlight=False, markup=False)
    console.width = width_of(console)
    return console


def print_rows(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Print a table on standard output, as wide as a terminal is; nothing is cut for a pipe or a file."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in lines(columns, rows, width_of(console)):
        console.print(line)


def lines(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> list[Text]:
    """Return the head and the rows as lines that are at most `width` characters wide, if the columns allow it."""
    shown = [n for n, column in enumerate(columns) if not column.drops or any(_says(row[n]) for row in rows)]
    widths = _widths(columns, rows, shown, width)
    while widths is None:
        shown.remove(max(shown, key=lambda n: columns[n].drops))
        widths = _widths(columns, rows, shown, width)
    head = [Text(column.head, style="bold") for column in columns]
    return [_line(columns, row, widths) for row in (head, *rows)]


def _says(cell: Text) -> bool:
    return cell.plain not in ("", MISSING.plain)


def _widths(
    columns: Sequence[Column], rows: Sequence[Sequence[Text]], shown: Sequence[int], width: int
) -> dict[int, int] | None:
    """Return the widths of the columns that are shown; None when one has to be left out."""
    widths = {n: max(cell_len(words) for words in (columns[n].head, *(row[n].plain for row in rows))) for n in shown}
    spare = width - len(GAP) * (len(shown) - 1)
    while sum(widths.values()) > spare:
        narrower = [n for n in shown if widths[n] > _least(columns[n], widths[n])]
        if narrower:
            widths[max(narrower, key=lambda n: widths[n])] -= 1
        elif any(columns[n].drops for n in shown):
            return None
        else:
            break
    return widths


def _least(column: Column, width: int) -> int:
    return width if column.shrinks_to is None else max(column.shrinks_to, cell_len(column.head))


def _line(columns: Sequence[Column], cells: Sequence[Text], widths: dict[int, int]) -> Text:
    line = Text()
    for position, (n, width) in enumerate(widths.items()):
        cell = cells[n].copy()
        cell.truncate(width, overflow="ellipsis")
        blank = " " * (width - cell_len(cell.plain))
        line.append(GAP if position else "")
        line.append_text(Text(blank) + cell if columns[n].right else cell + Text(blank))
    line.rstrip()
    return line
