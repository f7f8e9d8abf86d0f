"""Numbers with what they count, as people say them: `1 device`, `1,234 devices`."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its thing. one: the word for one, `device`. many: for others; `one` with an s by default."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
