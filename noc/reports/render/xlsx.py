"""A document as a workbook, by XlsxWriter: a sheet of what page one says, and one a table."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import xlsxwriter

from noc.i18n.language import language
from noc.model.instants import from_ms
from noc.reports.frame.document import Cell, Column, Document, Facts, Kind, Paragraph, Said
from noc.reports.render.cells import shown

SHEET_NAME: Final = 31
_FORMATS: Final[dict[Kind, str]] = {
    "percent": "0.00000",
    "seconds": "0.000",
    "moment": "yyyy-mm-dd hh:mm:ss",
    "count": "0",
    "number": "0.0##",
}
_WIDE: Final = 60
_SAMPLE: Final = 200
"""So many rows say how wide a column is."""


def xlsx(document: Document) -> bytes:
    """Return a document as a workbook, the same bytes for the same document.

    Numbers are numbers: percent as 99.8, lengths in seconds, moments in the document's time zone. Texts that look like
    formulas stay texts.
    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(out, options)
    # The only clock in a workbook: a zip's own times are fixed by XlsxWriter.
    book.set_properties({"title": document.title, "subject": document.subtitle, "created": _naive(document.made_ms)})
    _Writer(book, document).write()
    book.close()
    return out.getvalue()


def _naive(milliseconds: int, zone: str = "UTC") -> datetime:
    return from_ms(milliseconds).astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, document: Document) -> None:
        self._book = book
        self._document = document
        self._language = language(document.language)
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self._bold = book.add_format({"bold": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}

    def write(self) -> None:
        """Write all sheets."""
        self._first()
        for table in self._document.tables():
            sheet = self._sheet(table.key)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, column.title, self._head)
                sheet.set_column(place, place, self._width(column, [row[place] for row in table.rows[:_SAMPLE]]))
            for number, row in enumerate(table.rows, 1):
                for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                    self._cell(sheet, number, place, cell, column.kind)
            if table.rows:
                sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
            else:
                sheet.write_string(1, 0, table.empty)

    def _sheet(self, name: str) -> xlsxwriter.worksheet.Worksheet:
        sheet = self._book.add_worksheet(name[:SHEET_NAME])
        if self._language.direction == "rtl":
            sheet.right_to_left()
        return sheet

    def _first(self) -> None:
        sheet, document, row = self._sheet("report"), self._document, 4
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, document.title, self._bold)
        sheet.write_string(1, 0, document.subtitle)
        for fact in document.heading:
            said = shown(fact.value, fact.kind, self._language, document.zone)
            sheet.write_string(row, 0, fact.title)
            sheet.write_string(row, 1, f"{said} ({fact.beside})" if fact.beside else said)
            row += 1
        for section in document.sections:
            words = [block for block in section.blocks if isinstance(block, Paragraph | Facts)]
            if not words:
                continue
            row += 1
            sheet.write_string(row, 0, section.title, self._bold)
            row += 1
            for block in words:
                if isinstance(block, Paragraph):
                    sheet.write_string(row, 1, block.text, self._wrapped)
                    row += 1
                    continue
                for fact in block.facts:
                    sheet.write_string(row, 0, fact.title)
                    self._cell(sheet, row, 1, fact.value, fact.kind)
                    row += 1

    def _width(self, column: Column, cells: list[Cell]) -> int:
        if column.kind == "moment":
            return 20
        texts = [cell.text if isinstance(cell, Said) else cell for cell in cells if isinstance(cell, str | Said)]
        longest = max((len(text) for text in texts), default=0)
        return min(max(longest, len(column.title), 10) + 2, _WIDE)

    def _cell(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, place: int, cell: Cell, kind: Kind) -> None:
        if cell is None:
            return
        if isinstance(cell, Said):
            sheet.write_string(row, place, cell.text)
        elif isinstance(cell, str):
            sheet.write_string(row, place, cell)
        elif kind == "moment":
            sheet.write_datetime(row, place, _naive(int(cell), self._document.zone), self._formats["moment"])
        else:
            sheet.write_number(row, place, cell, self._formats.get(kind))
