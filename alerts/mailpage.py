"""How a message looks in a mail program: one document; its style in its elements, for many read no other. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.i18n.language import Language
from noc.model.incident import Severity

_FONT: Final = "16px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_OVER: Final = "#0b7a5b"
_COLOURS: Final[Mapping[Severity, str]] = {
    "critical": "#d55e00",
    "major": "#e69f00",
    "minor": "#cdbf00",
    "warning": "#2b95cc",
}
"""Of the bar beside the first words; all of it is said in words, too."""

_LINK: Final = "display:inline-block;padding:13px 0"
_BUTTON: Final = (
    "display:inline-block;padding:13px 22px;border-radius:6px;background:#00619e;color:#ffffff;"
    "text-decoration:none;font-weight:600"
)
_LINE: Final = "margin:4px 0 0"
_QUIET: Final = "margin:20px 0 0;font-size:13px;opacity:0.75"


@dataclass(frozen=True, slots=True)
class Link:
    """What can be done. said: the words before the address, in a text. name: the words on it, in a mail; None: no link.

    is_first: it is what most readers want.
    """

    said: str
    address: str | None = None
    name: str = ""
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class MailPage:
    """The parts of a message, in their order. opening: its heading. severity: None once it is over.

    line: below the heading, closing: at the end; empty where there is none.
    """

    title: str
    severity: Severity | None
    opening: str
    line: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str]
    links: Sequence[Link]
    closing: str

    def document(self, say: Language) -> str:
        """Return it as a whole document of HTML."""
        side = "right" if say.direction == "rtl" else "left"
        colour = _OVER if self.severity is None else _COLOURS[self.severity]
        heading = f'<h1 style="margin:0;font-size:19px;line-height:1.35">{_safe(self.opening)}</h1>'
        line = f'<p style="{_LINE}">{_safe(self.line)}</p>' if self.line else ""
        barred = f"padding-{side}:14px;border-{side}:6px solid {colour}"
        body = "".join((
            f'<div style="margin:0 0 18px;{barred}">{heading}{line}</div>\n',
            *_linked(self.links, side),
            *(f'<p style="margin:0 0 14px">{_safe(note)}</p>\n' for note in self.notes),
            _table(self.rows, side),
            f'<p style="{_QUIET}">{_safe(self.closing)}</p>\n' if self.closing else "",
        ))  # fmt: skip
        return (
            f'<!DOCTYPE html>\n<html lang="{say.tag}" dir="{say.direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark }</style>'
            f"<title>{_safe(self.title)}</title></head>\n"
            '<body style="margin:0;background:Canvas">\n'
            f'<main style="max-width:42em;margin:0 auto;padding:20px;font:{_FONT}">\n'
            f"{body}</main></body></html>\n"
        )


def _linked(links: Sequence[Link], side: str) -> Iterator[str]:
    """Yield the links in one line, and below them what can be done without one."""
    gap = "left" if side == "right" else "right"
    anchors = "".join(
        f'<a href="{_safe(one.address)}" style="{_BUTTON if one.is_first else _LINK};margin-{gap}:18px">'
        f"{_safe(one.name)}</a>"
        for one in links
        if one.address is not None
    )
    if anchors:
        yield f'<p style="margin:0 0 14px">{anchors}</p>\n'
    yield from (f'<p style="margin:0 0 14px">{_safe(one.said)}</p>\n' for one in links if one.address is None)


def _table(rows: Sequence[tuple[str, str]], side: str) -> str:
    gap = "left" if side == "right" else "right"
    lined = "padding-top:6px;padding-bottom:6px;border-top:1px solid #8884;vertical-align:top"
    cells = "".join(
        f'<tr><th scope="row" align="{side}" style="{lined};padding-{gap}:18px;font-weight:400;opacity:0.75">'
        f'{_safe(label)}</th><td style="{lined}"><bdi>{_safe(value)}</bdi></td></tr>\n'
        for label, value in rows
    )
    return f'<table style="border-collapse:collapse;width:100%;overflow-wrap:anywhere">\n{cells}</table>\n'


def _safe(text: str | None) -> str:
    return html.escape(text or "", quote=True)
