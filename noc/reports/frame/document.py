"""A document as a report makes it, in one language, before it is HTML, PDF or a workbook. Frozen values, no I/O.

Texts are in the reader's language already; numbers are numbers, and the renderer writes them as the language does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

Kind = Literal["text", "name", "code", "percent", "seconds", "moment", "count", "number"]
"""What stands in a cell. text: words in the reader's language. name, code: what people, or machines, call something,
in any direction of writing. percent, seconds, number: a float. moment: milliseconds since 1970, UTC. count: an int."""

NUMBERS: Final[frozenset[Kind]] = frozenset({"percent", "seconds", "count", "number"})
"""Kinds that are read from the end: aligned to it, and added up by spreadsheets."""


class Said(NamedTuple):
    """A word with its key: `carrier` stands in CSV whatever the language."""

    key: str
    text: str


Cell: TypeAlias = str | float | Said | None
"""None: there is nothing, or nothing to divide by."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. key: its name in CSV and workbooks, for good. title: in the reader's language.

    in_files: it stands in CSV and workbooks alone; a page has no room for it.
    """

    key: str
    title: str
    kind: Kind = "text"
    in_files: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as wide as the columns.

    key: its name in files, for good. empty: is said where there are no rows. note: below it, such as what is left out.
    emphasis: rows at the top that sum up the others. wide: on paper its section is turned
    by a quarter.
    """

    key: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    title: str = ""
    note: str = ""
    emphasis: int = 0
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words. warns: they stand out."""

    text: str
    warns: bool = False


class Fact(NamedTuple):
    """A figure with its name. beside: what it would be otherwise, in words."""

    title: str
    value: Cell
    kind: Kind = "text"
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures that stand side by side. large: as what the page is about."""

    facts: Sequence[Fact]
    large: bool = False


class Bar(NamedTuple):
    """One bar of a chart. value: None where nothing was seen."""

    label: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside each other, in order of time, or below each other.

    said: what the chart shows, for who can't see it. bars: at most some hundred. unit: of the values. low, high: the
    scale. line: a value that is marked across, with its word.
    """

    title: str
    said: str
    bars: Sequence[Bar]
    unit: Literal["percent", "seconds", "count", "number"]
    low: float
    high: float
    line: float | None = None
    line_label: str = ""
    is_time: bool = True


Block: TypeAlias = Paragraph | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it. begins_page: on paper."""

    title: str
    blocks: Sequence[Block]
    begins_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language.

    name: of the report, its file name. language: tag. zone: IANA time zone in which moments are written. heading: what
    stands on page one beside the title, pair by pair. main: key of the table that CSV has. made_ms: what files carry as
    their time: of the record as known at which they tell, so that they are the same again.
    """

    name: str
    title: str
    subtitle: str
    language: str
    zone: str
    heading: Sequence[Fact]
    sections: Sequence[Section]
    main: str
    made_ms: int

    def tables(self) -> list[Table]:
        """Return all tables, in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Table)]
