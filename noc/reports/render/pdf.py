"""A document as PDF, by WeasyPrint from its HTML. It takes seconds of a processor: not for an event loop."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC
from typing import Final

import weasyprint

from noc.model.instants import from_ms
from noc.reports.frame.document import Document
from noc.reports.render.html import html

_LOUD: Final = ("weasyprint", "fontTools")


def pdf(document: Document) -> bytes:
    """Return a document as PDF, the same bytes for the same document: its dates are those of what was known.

    Raises ValueError where it wants something from outside.
    """
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
    text = html(document)
    made = from_ms(document.made_ms).astimezone(UTC).isoformat(timespec="seconds")
    dated = f'<meta name="dcterms.created" content="{made}"><meta name="dcterms.modified" content="{made}">'
    text = text.replace("</head>", f"{dated}</head>", 1)
    page = weasyprint.HTML(string=text, url_fetcher=_nothing)
    written = page.write_pdf(pdf_identifier=hashlib.sha256(text.encode()).digest()[:16], uncompressed_pdf=False)
    if not isinstance(written, bytes):
        raise TypeError("WeasyPrint gave no bytes")
    return written


def _nothing(url: str) -> dict[str, object]:
    raise ValueError(f"a report needs nothing from outside, and asks for {url[:100]}")
