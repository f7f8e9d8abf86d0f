"""Texts that a device, a caller or a colleague may send to do harm, each by another mistake of who shows them."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "<script>ran()</script>"
TEXTS: Final[dict[str, str]] = {
    "script": SCRIPT,
    "attribute": '"><img src=x onerror=ran()>',
    "single quote": "' onmouseover='ran()' onfocus='ran()' autofocus x='",
    "ends of elements": "</title></textarea></style></script><svg onload=ran()>",
    "template": "{{7*191}}${7*191}#{7*191}<%=7*191%>{% raw %}",
    "format": "{0.__class__} {incident.__init__} %s %n %(who)s",
    "terminal": "\x1b]0;ran\x07\x1b[2J\x1b[31mred\x9b31m",
    "nul": "before\x00after",
    "right to left": "\u202egnp.exe\u2066 3 \u200f(",
    "no width": "no\u200bc\u200d\ufeff\u00ad",
    "address": "javascript:ran()",
    "data address": "data:text/html,<script>ran()</script>",
    "percent": "%00%0d%0aSet-Cookie:ran=1%3cscript%3eran()%3c/script%3e",
    "formula": "=cmd|'/c calc'!A1",
    "formula behind a tab": '\t=HYPERLINK("http://ran")',
    "at": "@SUM(1+1)*cmd|'/c calc'!A1",
    "header": "over\r\nBcc: ran@example.org\r\n\r\nran",
    "sql": "'; DROP TABLE incidents; --",
    "entities": "&lt;script&gt;ran()&lt;/script&gt;&#60;b&#62;",
    "path": "../../../../etc/passwd",
    "combining": "Z" + "\u0351" * 60,
    "lone surrogate": "\udcff\ud800",
    "long": "A" * 65_536,
}
"""By what they are."""

NAME: Final = f"{SCRIPT}\"><img src=x onerror=ran()>'{{{{7*191}}}}\u202e=cmd"
"""Much of it at once, short enough for a name."""


def octets(text: str, at_most: int = 255) -> bytes:
    """Return a text as a device sends it."""
    return text.encode("utf-8", "surrogatepass")[:at_most]
