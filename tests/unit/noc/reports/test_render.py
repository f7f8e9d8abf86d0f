"""Files of a document: hostile text stays text, numbers stay numbers, the same document gives the same bytes."""

from __future__ import annotations

import csv as standard
import io
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from noc.i18n.language import LOCALES
from noc.reports.frame.document import Bar, Chart, Column, Document, Fact, Facts, Paragraph, Said, Section, Table
from noc.reports.render.csv import csv
from noc.reports.render.files import rendered
from noc.reports.render.html import html
from noc.reports.render.xlsx import xlsx

HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>"
MOMENT_MS = 1_790_000_000_000

TABLE = Table(
    "figures",
    [
        Column("entity", "Entity", "code", in_files=True),
        Column("name", "Name", "name"),
        Column("measured_pct", "Measured", "percent"),
        Column("from", "From", "moment"),
        Column("length_s", "Length", "seconds"),
        Column("cause", "Cause"),
        Column("outages", "Outages", "count"),
    ],
    [
        ["site/a", HOSTILE, 99.79999, MOMENT_MS, 3_661.5, Said("carrier", "Opérateur"), 3],
        ["site/b", "القاهرة", None, MOMENT_MS, None, None, None],
    ],
    "None.",
    note="2 are left out.",
)
CHART = Chart(
    "Day by day", "Lowest: 1", [Bar("1 Oct", 99.9), Bar("2 Oct", None), Bar(HOSTILE, 99.0)], "percent", 98, 100, 99.8
)
DOCUMENT = Document(
    name="availability",
    title="Availability",
    subtitle=HOSTILE,
    language="en",
    zone="Africa/Nairobi",
    heading=[Fact("Hash", "ab" * 32, "code", "434 records")],
    sections=[
        Section("Result", [Paragraph(HOSTILE, warns=True), Facts([Fact("Measured", 99.8, "percent")], large=True)]),
        Section("Course", [CHART, replace(CHART, is_time=False, line=None)], begins_page=True),
        Section("All", [TABLE, replace(TABLE, key="empty", rows=[])]),
    ],
    main="figures",
    made_ms=MOMENT_MS,
)


class Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag not in ("meta", "link", "br", "line", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("tag", list(LOCALES))
def test_html_is_well_formed_holds_no_script_and_asks_nobody_for_anything(tag: str) -> None:
    page = html(replace(DOCUMENT, language=tag))
    found = Tags()
    found.feed(page)
    assert found.open == []
    assert "script" not in found.tags
    assert HOSTILE in "".join(found.texts)
    assert f'dir="{"rtl" if tag == "ar" else "ltr"}"' in page[:200]
    assert "site/a" not in page  # a column for files alone
    assert "//" not in page.replace("http://www.w3.org/2000/svg", "")


def test_html_writes_numbers_as_the_language_does() -> None:
    page = html(replace(DOCUMENT, language="fr"))
    assert "<bdi>99,799\xa0%</bdi>" in page
    assert "<bdi>21 sept. 2026, 17:13</bdi>" in page  # in Nairobi
    assert "<bdi>1 h 1 min</bdi>" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "None." in page


def test_csv_has_keys_and_raw_numbers_whatever_the_language() -> None:
    text = csv(replace(DOCUMENT, language="ar"))
    rows = list(standard.reader(io.StringIO(text)))
    assert rows[0] == ["entity", "name", "measured_pct", "from", "length_s", "cause", "outages"]
    assert rows[1] == ["site/a", f"'{HOSTILE}", "99.79999", "2026-09-21T14:13:20Z", "3661.5", "carrier", "3"]
    assert rows[2][2:] == ["", "2026-09-21T14:13:20Z", "", "", ""]


def test_a_workbook_has_a_sheet_a_table_and_no_formula() -> None:
    parts = zipfile.ZipFile(io.BytesIO(xlsx(DOCUMENT)))
    sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    assert not any("<f>" in sheet for sheet in sheets)
    assert "<v>99.7999" in sheets[1]
    book = parts.read("xl/workbook.xml").decode()
    assert [name in book for name in ('name="report"', 'name="figures"', 'name="empty"')] == [True] * 3
    assert "2026-09-21T14:13:20Z" in parts.read("docProps/core.xml").decode()


def test_an_arabic_workbook_begins_at_the_right() -> None:
    parts = zipfile.ZipFile(io.BytesIO(xlsx(replace(DOCUMENT, language="ar"))))
    assert 'rightToLeft="1"' in parts.read("xl/worksheets/sheet2.xml").decode()


@pytest.mark.parametrize("form", ["html", "xlsx", "csv"])
def test_the_same_document_is_the_same_bytes(form: str) -> None:
    assert rendered(DOCUMENT, form) == rendered(DOCUMENT, form)  # type: ignore[arg-type]
