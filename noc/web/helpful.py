"""Which part of the handbook is about which page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.web.handbook import ADDRESS

ABOUT: Final[Mapping[str, str]] = {
    "/problems": "incidents#the-list",
    "/incidents": "incidents",
    "/problem-records": "incidents#problem-records",
    "/map": "operate",
    "/sites": "operate",
    "/devices": "operate",
    "/circuits": "objectives",
    "/assets": "reference/inventory",
    "/services": "availability",
    "/availability": "availability",
    "/objectives": "objectives",
    "/corrections": "corrections",
    "/windows": "windows",
    "/maintenance": "windows",
    "/oncall": "oncall",
    "/top": "reference/series",
    "/wall": "wall",
    "/topology": "topology",
    "/reports": "reports",
    "/rules": "rules",
    "/what-ifs": "rules#what-a-change-would-have-done",
    "/segmentation": "segmentation",
    "/rehearsal": "rehearsal",
    "/discovery": "discover",
    "/system": "accounts#noc-itself",
    "/audit": "accounts#the-audit",
    "/admin": "accounts#roles",
    "/me": "accounts#on-pages",
    "/mailbox": "telling",
    "/api": "reference/api",
}
"""By how the address of a page begins; what stands nowhere is helped by the table of contents."""


def help_for(path: str) -> str:
    """Return the address of what the handbook says of a page."""
    about = ABOUT.get(f"/{path.split('/')[1]}") if path.startswith("/") else None
    return ADDRESS if about is None else f"{ADDRESS}/{about}"
