"""Who a device may be by the version line of its SSH server, where nothing else tells (RFC 4253, section 4.2). Pure.

Only lines that one maker's own server says: OpenSSH, Dropbear, RomSShell and Mocana run on everything.
"""

from __future__ import annotations

import re
from typing import Final

_SAID: Final = tuple(
    (re.compile(rf"SSH-[12]\.\d+-{software}"), vendor, os)
    for software, vendor, os in (
        (r"ROSSSH\b", "MikroTik", "routeros"),
        (r"HUAWEI-", "Huawei", "vrp"),
        (r"Comware-", "HPE", "comware"),
        (r"Cisco-\d", "Cisco", None),
        (r"mpSSH_|HP Integrated Lights-Out", "HPE", "ilo"),
    )
)


def told_by(banner: str | None) -> tuple[str | None, str | None]:
    """Return vendor and operating system; None for what the line doesn't tell, as Cisco's which of its systems."""
    for pattern, vendor, os in _SAID:
        if banner is not None and pattern.match(banner):
            return vendor, os
    return None, None
