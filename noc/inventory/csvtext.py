"""Tables as text: CSV by RFC 4180 with a header line, separated by `,`, `;` or tab, with the place of every cell.

Python's csv module doesn't tell the column of a cell, which a message about it needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.textfile import line_and_column, read_text, unprintable
from noc.settings.yamltext import Place

KEY = "id"
"""The column that names a row."""

_SEPARATORS = (",", ";", "\t")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_BLANKS = re.compile(r" *")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text without quotes and blanks around it, and the offset in its record where it starts."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line that it starts in, its text, and the texts of its cells."""

    line: int
    raw: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header, its rows, and where everything stands. Paths are (row number from 0, column name…)."""

    file: str
    separator: str
    header: Row
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self.header.texts

    def place(self, *path: str | int) -> Place:
        """Return where the cell at (row, column) stands; the row's key for a column that isn't there."""
        row = self.rows[int(path[0])]
        names = [str(step) for step in path[1:]]
        for length in range(len(names), 0, -1):  # a path may go on inside the cell, as in a list
            name = ".".join(names[:length])
            if name in self.columns:
                return self.cell_place(row, self.columns.index(name))
        return self.cell_place(row, self.columns.index(KEY) if KEY in self.columns else 0)

    def key_place(self, *path: str | int) -> Place:
        """Return the same as `place`: a cell has no key of its own."""
        return self.place(*path)

    def cell_place(self, row: Row, index: int) -> Place:
        """Return where a cell stands, by its number; the row's end for one that isn't there."""
        cells = _cells(row.raw, self.separator)
        offset = cells[index].offset if index < len(cells) else len(row.raw)
        line, column = line_and_column(row.raw, offset)
        return Place(self.file, row.line + line - 1, column)


def read_table(path: Path) -> tuple[Table, list[Finding]]:
    """Return a table, and the rows of a wrong length, which it leaves out.

    Raises InputError when the file can't be read, or when the header or the quoting is wrong.
    """
    file, text = str(path), read_text(path)
    bad_character = unprintable(text, file)
    if bad_character is not None:
        raise InputError([bad_character])
    header_line = text.partition("\n")[0]
    separator = next((mark for mark in _SEPARATORS if mark in header_line), ",")
    records = _records(text, file, separator)
    if not records:
        raise InputError([Finding(file, 1, 1, "error", "the file is empty; its first line names the columns")])
    header, *rows = records
    width = len(header.texts)
    table = Table(file, separator, header, tuple(row for row in rows if len(row.texts) == width))
    findings: list[Finding] = []
    for index, name in enumerate(table.columns):
        if not name or name in table.columns[:index]:
            what = f"column '{name}' is named twice" if name else "a column has no name"
            findings.append(table.cell_place(header, index).finding(what))
    if findings:
        raise InputError(findings)
    return table, [_wrong_length(table, row) for row in rows if len(row.texts) != width]


def _wrong_length(table: Table, row: Row) -> Finding:
    many = len(row.texts) > len(table.columns)
    place = table.cell_place(row, len(table.columns))
    return place.finding(
        f"too {'many' if many else 'few'} fields: {len(row.texts)}, the header names {len(table.columns)}"
        + ("" if many else f" (the next would be '{table.columns[len(row.texts)]}')")
    )


def _records(text: str, file: str, separator: str) -> list[Row]:
    records: list[Row] = []
    start, line = 0, 1
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        raw = text[start:end]
        if '"' in raw:
            end = _end_of_quoted(text, start, separator, file)
            raw = text[start:end]
            texts: Sequence[str] = [cell.text for cell in _cells(raw, separator)]
        else:
            texts = [part.strip(" ") for part in raw.split(separator)]
        if any(texts):
            records.append(Row(line, raw, tuple(texts)))
        line += raw.count("\n") + 1
        start = end + 1
    return records


def _end_of_quoted(text: str, start: int, separator: str, file: str) -> int:
    """Return where a record with quotes ends: at a line end outside of quotes. Raises InputError."""
    position = start
    while True:
        position = _BLANKS.match(text, position).end()  # type: ignore[union-attr]  # matches anything
        if text.startswith('"', position):
            quoted = _QUOTED.match(text, position)
            if quoted is None:
                raise InputError([Finding(file, *line_and_column(text, position), "error", "this quote is not closed")])
            position = _BLANKS.match(text, quoted.end()).end()  # type: ignore[union-attr]
            if text[position : position + 1] not in ("", "\n", separator):
                message = 'text after the closing quote; inside quotes write "" for a quote'
                raise InputError([Finding(file, *line_and_column(text, position), "error", message)])
        else:
            position = _end_of_plain(text, position, separator)
        if text[position : position + 1] != separator:
            return position
        position += 1


def _end_of_plain(text: str, position: int, separator: str) -> int:
    ends = [end for mark in (separator, "\n") if (end := text.find(mark, position)) >= 0]
    return min(ends, default=len(text))


def _cells(raw: str, separator: str) -> list[Cell]:
    """Return the cells of one record whose quoting is known to be right."""
    cells: list[Cell] = []
    position = 0
    while True:
        position = _BLANKS.match(raw, position).end()  # type: ignore[union-attr]
        quoted = _QUOTED.match(raw, position)
        if quoted is not None:
            cells.append(Cell(quoted[1].replace('""', '"'), position))
            end = raw.find(separator, quoted.end())
        else:
            end = raw.find(separator, position)
            cells.append(Cell(raw[position : end if end >= 0 else len(raw)].rstrip(" "), position))
        if end < 0:
            return cells
        position = end + 1
