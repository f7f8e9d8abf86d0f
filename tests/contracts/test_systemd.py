"""The units that are shipped: systemd itself reads them and says how exposed the daemon is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from noc.app.receiving import HANDED
from tests.surroundings import leave_out

FOLDER = Path(__file__).parents[2] / "systemd"
EXPOSURE_AT_MOST = 2.0
"""Of 10; systemd calls up to 2 "OK", and a service without any hardening 9.6."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        leave_out("systemd-analyze", "the Debian package systemd is not installed")
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("unit", ["noc.service", "noc-poller.service"])
def test_the_daemon_is_hardened(unit: str) -> None:
    done = analyze("security", "--offline=true", "--json=short", str(FOLDER / unit))
    found = json.loads(done.stdout)
    assert found, done.stderr
    overall = analyze("security", "--offline=true", f"--threshold={int(EXPOSURE_AT_MOST * 10)}", str(FOLDER / unit))
    assert overall.returncode == 0, overall.stdout


@pytest.mark.parametrize("unit", sorted(path.name for path in FOLDER.glob("*.service")))
def test_systemd_can_read_the_unit(unit: str, tmp_path: Path) -> None:
    text = (FOLDER / unit).read_text()
    # The program is where it is installed, not where the tests run.
    (tmp_path / unit).write_text(re.sub(r"^(Exec\w+=)/opt/noc/bin/noc.*$", r"\1/bin/true", text, flags=re.MULTILINE))
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit))
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if unit in line] == []


@pytest.mark.parametrize("unit", sorted(path.name for path in FOLDER.glob("*.socket")))
def test_systemd_can_read_the_socket(unit: str, tmp_path: Path) -> None:
    text = (FOLDER / unit).read_text()
    (name,) = re.findall(r"^FileDescriptorName=(.+)$", text, re.MULTILINE)
    assert name in HANDED  # noc takes no other
    (tmp_path / unit).write_text(text)
    service = (FOLDER / "noc.service").read_text()
    (tmp_path / "noc.service").write_text(
        re.sub(r"^(Exec\w+=)/opt/noc/bin/noc.*$", r"\1/bin/true", service, flags=re.MULTILINE)
    )
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit), str(tmp_path / "noc.service"))
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if unit in line] == []


@pytest.mark.parametrize(
    ("program", "name"), [("systemd-sysusers", "noc.sysusers"), ("systemd-tmpfiles", "noc.tmpfiles")]
)
def test_users_and_folders_are_made(program: str, name: str, tmp_path: Path) -> None:
    found = shutil.which(program)
    if found is None or os.getuid() != 0:
        leave_out(program, "the Debian package systemd is not installed, or we are not root")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\nnoc:x:990:\n" if name.endswith("tmpfiles") else "root:x:0:\n")
    verb = ["--create"] if program == "systemd-tmpfiles" else []
    command = [str(found), *verb, f"--root={root}", str(FOLDER / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    if name.endswith("sysusers"):
        assert re.search(r"^noc:x:\d+:", (root / "etc" / "passwd").read_text(), re.MULTILINE)
    else:
        assert (root / "etc" / "noc" / "secrets").stat().st_mode & 0o777 == 0o750


def test_what_units_call_their_documentation_exists_and_is_installed() -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert "-t /usr/share/doc/noc README.md docs/*.md" in (docs / "install.md").read_text()
    named = {
        line.partition("=")[2]
        for unit in FOLDER.iterdir()
        for line in unit.read_text().splitlines()
        if line.startswith("Documentation=")
    }
    assert named
    for address in named:
        folder, _, page = address.rpartition("/")
        assert folder == "file:/usr/share/doc/noc"
        assert (docs / page).is_file()
