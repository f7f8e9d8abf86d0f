"""Files of an answer, by format and language."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from noc.i18n.language import language
from noc.model.errors import NocError
from noc.reports.frame.asked import Answer, Issue
from noc.reports.frame.document import Document
from noc.reports.frame.registry import report, written
from noc.reports.render.csv import csv
from noc.reports.render.html import html

Format = Literal["html", "pdf", "xlsx", "csv", "json"]
FORMATS: Final[tuple[Format, ...]] = ("html", "pdf", "xlsx", "csv", "json")
TYPES: Final[dict[Format, str]] = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}
"""Media types."""


class RenderError(NocError):
    """A file that can't be made on this machine. The text says what is missing."""


def file_of(answer: Answer, issue: Issue | None, form: Format, tag: str) -> bytes:
    """Return an answer as a file: the same bytes for the same arguments. issue: None for a draft. tag: of a language.

    json is the answer itself, in no language. Raises RenderError; ValueError for a language that there isn't.
    """
    if form == "json":
        return f"{written(answer)}\n".encode()
    reader = language(tag)
    document = report(answer.head.asked.report).document(answer, issue, reader)
    if answer.head.simulated:
        document = replace(document, title=f"{reader.say('SIMULATED')} · {document.title}")
    return rendered(document, form)


def rendered(document: Document, form: Format) -> bytes:
    """Return a document as a file. Raises RenderError; ValueError for JSON: a document is words."""
    match form:
        case "html":
            return html(document).encode()
        case "csv":
            return csv(document).encode()
        case "pdf":
            return _pdf(document)
        case "xlsx":
            from noc.reports.render.xlsx import xlsx  # noqa: PLC0415 - only who wants a workbook needs it

            return xlsx(document)
        case "json":
            raise ValueError("a document is words; its answer is JSON")


def _pdf(document: Document) -> bytes:
    try:
        from noc.reports.render.pdf import pdf  # noqa: PLC0415 - WeasyPrint takes half a second to import
    except OSError as error:
        need = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        raise RenderError(f"PDF are made by Pango, which is not installed ({need}): {error}") from error
    return pdf(document)


def file_name(answer: Answer, issue: Issue | None, form: Format, tag: str) -> str:
    """Return a name for a file: availability-2026-10-issue-2-ar.pdf."""
    asked = answer.head.asked
    parts = [
        "SIMULATED" if answer.head.simulated else "",
        asked.report,
        asked.period,
        "" if asked.of == "network" else asked.of,
    ]
    parts += ["draft" if issue is None else f"issue-{issue.number}", "" if form in ("csv", "json") else tag]
    name = "-".join(part for part in parts if part)
    return "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in name) + f".{form}"
