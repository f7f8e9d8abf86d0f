"""QR codes for phones: as SVG that stands in a page, and for a terminal. The one door of segno."""

from __future__ import annotations

from io import StringIO
from typing import Final

import segno
from markupsafe import Markup

_QUIET_ZONE: Final = 4
"""Empty modules around it, as readers need them (ISO/IEC 18004)."""


def svg(text: str, said: str) -> Markup:
    """Return a QR code of a text, dark on light in both colour schemes. said: what it is, for who doesn't see it."""
    made = segno.make(text, error="m")
    drawn = made.svg_inline(border=_QUIET_ZONE, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    # segno escapes nothing of the text: it draws it.
    return Markup('<span role="img" aria-label="{}">{}</span>').format(said, Markup(drawn))  # noqa: S704


def in_terminal(text: str) -> str:
    """Return a QR code of a text as lines of half blocks, light on dark as most terminals are: phones read both."""
    out = StringIO()
    segno.make(text, error="l").terminal(out, border=2, compact=True)
    return out.getvalue()
