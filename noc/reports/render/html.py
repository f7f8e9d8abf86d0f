"""A document as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from noc.i18n.language import Language, language
from noc.reports.frame.document import NUMBERS, Cell, Chart, Document, Facts, Kind, Paragraph, Table
from noc.reports.render.cells import shown
from noc.reports.render.svg import drawn

TEMPLATES: Final = Path(__file__).parent / "templates"


def html(document: Document) -> str:
    """Return a document as HTML."""
    reader = language(document.language)

    def cell(value: Cell, kind: Kind) -> Markup:
        return _cell(value, kind, reader, document.zone)

    return (
        _environment()
        .get_template("report.html")
        .render(
            document=document,
            lang=reader.tag,
            dir=reader.direction,
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
            cell=cell,
            chart=lambda one: Markup(drawn(one, reader)),  # noqa: S704 - escapes what it draws
            is_number=lambda column: column.kind in NUMBERS,
            kind_of=_kind_of,
            is_wide=lambda section: any(isinstance(one, Table) and one.wide and one.rows for one in section.blocks),
            made=reader.moment(document.made_ms, document.zone),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _cell(value: Cell, kind: Kind, reader: Language, zone: str) -> Markup:
    said = shown(value, kind, reader, zone)
    if kind == "code":
        return Markup('<bdi class="code" dir="ltr">{}</bdi>').format(said)
    return Markup("<bdi>{}</bdi>").format(said)


def _kind_of(block: object) -> str:
    match block:
        case Paragraph():
            return "paragraph"
        case Facts():
            return "facts"
        case Table():
            return "table"
        case Chart():
            return "chart"
        case _:
            raise TypeError(f"a document holds no {type(block).__name__}")
