"""Plain data as it is written, before any model has said that it is right: what can be read of it all the same."""

from __future__ import annotations

from collections.abc import Mapping

from noc.settings.yamltext import Data


def text(data: Mapping[str, Data], key: str) -> str | None:
    """Return the text of a key; None where there is none, or something else."""
    value = data.get(key)
    return value if isinstance(value, str) else None


def texts(data: Mapping[str, Data], key: str) -> list[tuple[int, str]]:
    """Return the texts of a key's list, with their indexes; of a key that holds something else none."""
    items = data.get(key)
    if not isinstance(items, list):
        return []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, str)]


def mapping(data: Mapping[str, Data], key: str) -> dict[str, Data]:
    """Return the mapping of a key; an empty one where there is none, or something else."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}
