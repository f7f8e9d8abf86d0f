"""Where LibreNMS's reading of a recording is wrong: (recording, OID or part) -> why. noc is right there, and differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPINIONS: Final[Mapping[tuple[str, str], str]] = {}
