from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from noc.inventory.layers import Layers
from noc.inventory.load import Loaded, load_inventory
from noc.inventory.watches import Known

KNOWN = Known(
    profiles={"generic", "cisco-iosxe", "ups-mib"},
    credentials={"standard", "shell"},
    snmp_credentials={"standard"},
    ssh_credentials={"shell"},
)

REGIONS = "regions:\n  africa: {}\n"
SITES = "sites:\n  nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1]}\n"
DEVICES = "devices:\n  nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}\n"
CLEAN = {"regions.yaml": REGIONS, "sites.yaml": SITES, "devices.yaml": DEVICES}
"""An inventory with nothing wrong, to which tests add what is wrong."""


class Load(Protocol):
    """Loads the clean inventory with these files over it; a file of None is left out."""

    def __call__(self, files: Mapping[str, str | None], layers: Layers = ..., known: Known = ...) -> Loaded: ...


class Messages(Protocol):
    """Like Load, and returns the findings as text, with the file's bare name."""

    def __call__(self, files: Mapping[str, str | None], layers: Layers = ..., known: Known = ...) -> list[str]: ...


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(files: Mapping[str, str | None], layers: Layers = Layers(), known: Known = KNOWN) -> Loaded:  # noqa: B008
        for name, text in {**CLEAN, **files}.items():
            if text is not None:
                (tmp_path / name).write_text(textwrap.dedent(text))
        return load_inventory(tmp_path, layers, known, {"PREFIX": "192.0.2"})

    return run


@pytest.fixture
def messages(load: Load, tmp_path: Path) -> Messages:
    def run(files: Mapping[str, str | None], layers: Layers = Layers(), known: Known = KNOWN) -> list[str]:  # noqa: B008
        loaded = load(files, layers, known)
        has_error = any(finding.level == "error" for finding in loaded.findings)
        assert (loaded.inventory is None) == has_error
        return [str(finding).replace(f"{tmp_path}/", "") for finding in loaded.findings]

    return run
