"""The version line of an SSH server tells who a device may be, where only one maker's server says it."""

from __future__ import annotations

import pytest

from noc.discovery.banner import told_by


@pytest.mark.parametrize(
    ("banner", "who"),
    [
        ("SSH-2.0-ROSSSH", ("MikroTik", "routeros")),
        ("SSH-2.0-HUAWEI-1.5", ("Huawei", "vrp")),
        ("SSH-1.99-Comware-5.20", ("HPE", "comware")),
        ("SSH-2.0-Cisco-1.25", ("Cisco", None)),
        ("SSH-2.0-mpSSH_0.2.1", ("HPE", "ilo")),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7", (None, None)),
        ("SSH-2.0-Mocana SSH 6.3", (None, None)),
        ("HTTP/1.1 200 SSH-2.0-ROSSSH", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_version_line_tells_who(banner: str | None, who: tuple[str | None, str | None]) -> None:
    assert told_by(banner) == who
