"""What a browser says that it is (User-Agent, RFC 9110 section 10.1.5), as people call it. All say much, and lie."""

from __future__ import annotations

from typing import Final

_PROGRAMS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Signs of programs. The order counts: nearly all say Safari, many say Chrome."""
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""Signs of systems. The order counts: Android says Linux, phones of Apple say Mac OS X."""


def browser_of(agent: str) -> str:
    """Return `Firefox · Windows`, or of what is known as neither the first word; empty where nothing is said."""
    told = [next((name for sign, name in signs if sign in agent), "") for signs in (_PROGRAMS, _SYSTEMS)]
    return " · ".join(filter(None, told)) if told[0] else " ".join(agent.split()[:1])
