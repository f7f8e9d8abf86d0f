"""How texts that a table holds are marked for the catalogues. Pure."""

from __future__ import annotations


def say(text: str) -> str:
    """Mark an English text for the catalogues, where a table holds it; it is said when a page or a report is made."""
    return text
