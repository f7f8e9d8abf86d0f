"""`noc check` as people and scripts see it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from noc.cli import _config, main

CONFIG = """\
credentials: {standard: {snmp: {version: 2c, community: !secret env:NOC_TEST_COMMUNITY}}}
defaults: {credentials: standard}
"""
INVENTORY = """\
regions: {africa: {}}
sites: {nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1]}}
devices: {nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}}
"""


class Noc:
    """A folder with a configuration, and the command run in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        self._monkeypatch.setattr(sys, "argv", ["noc", "check", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = self._capsys.readouterr()
        return int(caught.value.code or 0), out, err


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOC_TEST_COMMUNITY", "public")
    made = Noc(tmp_path, monkeypatch, capsys)
    made.write("config/noc.yaml", CONFIG)
    made.write("config/inventory/all.yaml", INVENTORY)
    return made


def test_all_right(noc: Noc) -> None:
    assert noc.run() == (0, "", "0 errors, 0 warnings in 2 files (1 device, 1 site)\n")


def test_warnings_do_not_fail(noc: Noc) -> None:
    noc.write("config/inventory/more.yaml", "regions: {asia: {}}\n")
    assert noc.run("-c", "config/noc.yaml") == (
        0,
        "",
        (
            "config/inventory/more.yaml:1:11: warning: region 'asia': no site is in this region\n"
            "0 errors, 1 warning in 3 files (1 device, 1 site)\n"
        ),
    )


def test_errors_fail_and_come_in_order(noc: Noc) -> None:
    noc.write(
        "config/inventory/more.yaml",
        "sites: {goma: {region: afrika, class: field}}\n"
        "devices:\n  nbo-rtr-2: {site: nairobi, address: 192.0.2.2, class: router, profile: cisco-iosxz}\n",
    )
    code, out, err = noc.run("--config", "config/noc.yaml")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "config/inventory/more.yaml:1:9: warning: site 'goma': no device is at this site; its state stays unknown",
        "config/inventory/more.yaml:1:24: error: site 'goma': unknown region 'afrika' (did you mean 'africa'?)",
        (
            "config/inventory/more.yaml:3:74: error: device 'nbo-rtr-2': unknown profile 'cisco-iosxz'"
            " (did you mean 'cisco-iosxe'?)"
        ),
        "2 errors, 1 warning in 3 files (2 devices, 2 sites)",
    ]


def test_json_is_one_document_and_nothing_else(noc: Noc) -> None:
    noc.write("config/inventory/more.yaml", "regionz: {}\n")
    code, out, err = noc.run("--json")
    assert (code, err) == (1, "")
    assert json.loads(out) == [
        {
            "file": "config/inventory/more.yaml",
            "line": 1,
            "column": 1,
            "level": "error",
            "message": "unknown key 'regionz' (did you mean 'regions'?)",
        }
    ]


def test_json_of_nothing_wrong_is_an_empty_list(noc: Noc) -> None:
    code, out, err = noc.run("--json")
    assert (code, json.loads(out), err) == (0, [], "")


def test_a_settings_file_that_is_not_there(noc: Noc) -> None:
    assert noc.run("-c", "nowhere.yaml") == (
        2,
        "",
        "nowhere.yaml: can't be read: no such file or directory; name the settings file with -c\n",
    )
    assert noc.run("-c", "config", "--json") == (
        2,
        "",
        "config: can't be read: is a directory; name the settings file with -c\n",
    )


def test_without_a_local_file_it_is_the_systems(noc: Noc, monkeypatch: pytest.MonkeyPatch) -> None:
    system = noc.folder / "etc" / "noc.yaml"
    monkeypatch.setattr(_config, "SYSTEM_CONFIG", system)
    assert _config.default_config() == Path("config/noc.yaml")
    (noc.folder / "config" / "noc.yaml").rename(noc.folder / "noc.yaml")
    assert _config.default_config() == system


def test_control_characters_do_not_reach_the_terminal(noc: Noc) -> None:
    noc.write("config/inventory/more.yaml", 'regions: {"\\e[31mred": {}}\n')
    code, _, err = noc.run()
    assert code == 1
    assert "\x1b" not in err
    assert "\\x1b[31mred" in err
