from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from noc.app.check import CheckResult, check

CLEAN = {
    "noc.yaml": (
        "credentials: {standard: {snmp: {version: 2c, community: !secret file:community}}}\n"
        "defaults: {credentials: standard}\n"
    ),
    "community": "public\n",
    "inventory/all.yaml": (
        "regions: {africa: {}}\n"
        "sites: {nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1]}}\n"
        "devices: {nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}}\n"
    ),
}
"""A configuration with nothing wrong, to which tests add what is wrong."""


class Checking:
    """Runs `check` over the clean configuration with some files changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in {**CLEAN, **files}.items():
            if text is not None:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_text(text)

    def run(self, files: Mapping[str, str | None], environment: Mapping[str, str] | None = None) -> CheckResult:
        self.write(files)
        return check(self.folder / "noc.yaml", environment or {})

    def messages(self, files: Mapping[str, str | None], environment: Mapping[str, str] | None = None) -> list[str]:
        return [str(finding) for finding in self.run(files, environment).findings]


@pytest.fixture
def checking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checking:
    monkeypatch.chdir(tmp_path)
    return Checking(tmp_path)
