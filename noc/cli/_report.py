"""Reports on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from noc.cli._console import printable
from noc.cli._state import time_text
from noc.cli._table import wide_console
from noc.i18n.language import Language, language
from noc.reports.frame.changes import Changes
from noc.reports.frame.document import NUMBERS, Chart, Document, Facts, Paragraph, Table
from noc.reports.render.cells import shown
from noc.state.reports import Issued


def print_document(document: Document) -> None:
    """Print a report: words, figures and tables; charts by their words alone."""
    console, reader = wide_console(), language(document.language)
    console.print(Text(printable(f"{document.title} · {document.subtitle}"), style="bold"))
    for fact in document.heading:
        said = printable(shown(fact.value, fact.kind, reader, document.zone))
        beside = f" ({printable(fact.beside)})" if fact.beside else ""
        console.print(f"{fact.title}: {said}{beside}", soft_wrap=True)
    for section in document.sections:
        console.print()
        console.print(Text(section.title, style="bold underline"))
        for block in section.blocks:
            match block:
                case Paragraph(text):
                    console.print(printable(text))
                case Facts(facts):
                    for fact in facts:
                        said = printable(shown(fact.value, fact.kind, reader, document.zone))
                        console.print(f"{fact.title}: {said}{f' ({fact.beside})' if fact.beside else ''}")
                case Chart():
                    console.print(f"{block.title}. {block.said}")
                case Table():
                    _print_table(console, block, reader, document.zone)


def _print_table(console: Console, table: Table, reader: Language, zone: str) -> None:
    if not table.rows:
        console.print(table.empty)
        return
    places = [place for place, column in enumerate(table.columns) if not column.in_files]
    made = RichTable(box=None, pad_edge=False, header_style="bold")
    for place in places:
        column = table.columns[place]
        made.add_column(column.title, justify="right" if column.kind in NUMBERS else "left")
    for row in table.rows:
        made.add_row(*(printable(shown(row[place], table.columns[place].kind, reader, zone)) for place in places))
    console.print(made)
    if table.note:
        console.print(table.note)


def listed(one: Issued) -> dict[str, object]:
    """Return an issue as `--json` prints it."""
    return {
        "id": one.id,
        "report": one.name,
        "subject": one.subject,
        "number": one.number,
        "issued": time_text(one.issued_ms),
        "record": one.seq,
        "hash": one.hash.hex(),
        "seal": one.digest,
    }


def print_list(found: Sequence[Issued]) -> None:
    """Print issues as a table."""
    made = RichTable(box=None, pad_edge=False, header_style="bold")
    for head in ("id", "report", "of", "issue", "issued", "record", "seal"):
        made.add_column(head)
    for one in found:
        cells = (one.id, one.name, printable(one.subject), one.number, time_text(one.issued_ms), one.seq)
        made.add_row(*map(str, cells), f"{one.digest[:16]}…")
    wide_console().print(made)


def print_changes(found: Changes) -> None:
    """Print what changed between two issues, and why."""
    console = wide_console()
    console.print(f"{found.a.report}, issue {found.a.number} (record {found.a.record}) → issue {found.b.number} "
                  f"(record {found.b.record})")  # fmt: skip
    if found.figures:
        made = RichTable(box=None, pad_edge=False, header_style="bold")
        for head, right in (("entity", False), ("figure", False), ("before", True), ("after", True)):
            made.add_column(head, justify="right" if right else "left")
        for one in found.figures:
            made.add_row(printable(one.entity), one.figure, _number(one.before), _number(one.after))
        console.print(made)
    else:
        console.print("no figure changed")
    for record in found.records:
        console.print(f"record {record.record}, {record.kind}: {printable(record.entity)}: {printable(record.why)}")
    if found.transitions:
        console.print(f"{found.transitions:,} changes of status in the period became known in between")


def _number(value: float | str | None) -> str:
    return "–" if value is None else str(value)
