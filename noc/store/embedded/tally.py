"""What the embedded store counts, for noc's own metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StoreTally:
    """Since the start. values: numbers written; refused: numbers that never will be; damaged: files and chunks.

    bytes_on_disk: of day files and logs, as of the last look; bytes_in_memory: of what is not in chunks yet, about.
    """

    values: int = 0
    refused: int = 0
    chunks: int = 0
    damaged: int = 0
    bytes_on_disk: int = 0
    bytes_in_memory: int = 0
