"""The broker's folder: what is written, what stays when it is written again, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.brokeraccounts import rights_of_poller
from noc.app.brokerfiles import OF_BROKER, Wanted, keep_out, let_in, read_accounts, write
from noc.model.errors import UsageError
from noc.wire.authority import hosts_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WANTED = Wanted(("mqtt.example.org", "192.0.2.7"), 8883, Path("/etc/mosquitto/noc"), Path("/var/lib/mosquitto"), 825)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "broker", WANTED, NOW)
    return tmp_path / "broker"


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_that_the_broker_reads_is_there_and_nobody_else_reads_it(folder: Path) -> None:
    assert {*OF_BROKER, "ca.crt", "ca.key", "README", "mosquitto.service.conf", "noc-centre.password"} == everything(
        folder
    ).keys()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    settings = (folder / "mosquitto.conf").read_text()
    for line in (
        "listener 8883",
        "allow_anonymous false",
        "certfile /etc/mosquitto/noc/server.crt",
        "persistence true",
    ):
        assert f"\n{line}\n" in settings
    assert read_accounts(folder).names() == ("noc-centre",)
    assert (folder / "noc-centre.password").read_text().strip() not in str(everything(folder)[OF_BROKER[3]])


def test_again_only_the_certificate_is_new(folder: Path) -> None:
    let_in(folder, "noc-poller-a", "secret", rights_of_poller("a"))
    before = everything(folder)
    written = write(folder, replace(WANTED, hosts=()), NOW)
    after = everything(folder)
    assert {name for name in after if after[name] != before[name]} == {"server.crt", "server.key"}
    assert written.hosts == hosts_of(after["server.crt"]) == WANTED.hosts
    assert written.files == ("README", "server.crt", "server.key")


def test_again_pollers_may_do_what_they_do_by_now(folder: Path) -> None:
    let_in(folder, "noc-poller-a", "secret", rights_of_poller("a")[:2])
    before = everything(folder)
    written = write(folder, WANTED, NOW)
    assert "acl" in written.files
    assert "passwd" not in written.files
    assert everything(folder)["passwd"] == before["passwd"]
    assert read_accounts(folder).lacking() == ()


def test_force_makes_the_authority_and_the_settings_anew_and_keeps_accounts(folder: Path) -> None:
    (folder / "mosquitto.conf").write_text("mine\n")
    before = everything(folder)
    write(folder, WANTED, NOW)
    assert (folder / "mosquitto.conf").read_text() == "mine\n"
    write(folder, replace(WANTED, force=True), NOW)
    after = everything(folder)
    assert {"ca.crt", "ca.key", "mosquitto.conf"} <= {name for name in after if after[name] != before[name]}
    assert after["passwd"] == before["passwd"]


def test_a_reader_may_read_and_gets_a_password_once(folder: Path) -> None:
    first = write(folder, replace(WANTED, readers=("wall",)), NOW)
    assert "wall.password" in first.files
    assert "user wall\ntopic read noc/v1/state/#\ntopic read noc/v1/incident/#\n" in (folder / "acl").read_text()
    assert "wall.password" not in write(folder, replace(WANTED, readers=("wall",)), NOW).files


def test_who_is_kept_out_is_out(folder: Path) -> None:
    before = read_accounts(folder)
    let_in(folder, "noc-poller-a", "secret", rights_of_poller("a"))
    assert keep_out(folder, "noc-poller-a")
    assert not keep_out(folder, "noc-poller-a")
    assert read_accounts(folder) == before


def test_a_file_that_mosquitto_owns_keeps_its_rights(folder: Path) -> None:
    (folder / "passwd").chmod(0o640)
    let_in(folder, "noc-poller-a", "secret", rights_of_poller("a"))
    assert (folder / "passwd").stat().st_mode & 0o777 == 0o640


def test_what_is_missing_or_broken_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--host is missing"):
        write(tmp_path / "other", replace(WANTED, hosts=()), NOW)
    with pytest.raises(UsageError, match="the folder that `noc broker config` wrote"):
        read_accounts(tmp_path / "nowhere")
    (folder / "ca.key").unlink()
    with pytest.raises(UsageError, match=r"ca\.key: no such file.*--force"):
        write(folder, WANTED, NOW)
    (folder / "ca.key").write_text("broken")
    with pytest.raises(UsageError, match="can't sign"):
        write(folder, WANTED, NOW)
