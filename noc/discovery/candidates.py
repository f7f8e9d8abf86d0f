"""The seam for importers: whoever knows of devices that noc doesn't watch yet tells of them as candidates.

The sweep of this room is one; importers (NetBox, LibreNMS, Zabbix, CSV) are others. What they yield goes the same
way: `noc.discovery.book` makes proposals of it, and a person accepts them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from noc.model.discovery import Found


class Candidates(Protocol):
    """Somebody who knows of devices."""

    def found(self) -> AsyncIterator[Found]:
        """Yield devices, each once or several times; what is known of one at several addresses is joined later.

        Raises NocError where nothing more can be told; what was yielded counts.
        """
        ...
