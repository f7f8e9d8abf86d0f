"""`noc broker`, `noc poller`, `noc pollers`: from an empty folder to a poller that drains, on a database of its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from noc.app.brokerfiles import read_accounts
from noc.bus.identity import Enrolled, Identity, read
from noc.cli import broker, poller, pollers
from noc.model.errors import InputError, UsageError
from noc.model.poller import RemotePoller
from noc.state import pollers as rows
from noc.state.database import Database
from tests.database import empty_database

RUNNER = CliRunner()
SETTINGS = """\
state_dir: var
credentials: {standard: {snmp: {version: 2c, community: !secret file:community}}}
defaults: {credentials: standard}
"""
GROUPS = "  groups: {africa: {scope: [region/africa]}, asia: {scope: [site/suva]}}\n"
INVENTORY = """\
regions: {africa: {}, asia: {}}
sites:
  nairobi: {region: africa, class: rtc, edge_devices: [nbo-1]}
  suva: {region: asia, class: rtc, edge_devices: [suv-1]}
devices:
  nbo-1: {site: nairobi, address: 192.0.2.1, class: router}
  nbo-2: {site: nairobi, address: 192.0.2.2, class: router}
  nbo-3: {site: nairobi, address: 192.0.2.4, class: router}
  suv-1: {site: suva, address: 192.0.2.3, class: router}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with a broker that `noc broker config` wrote, and an empty state database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY)
    (tmp_path / "community").write_text("public\n")
    snippet = run(broker.app, "config", "broker", "--host", "mqtt.example.org", "--at", "/etc/mosquitto/noc")
    (tmp_path / "noc.yaml").write_text(SETTINGS + snippet + GROUPS)
    (tmp_path / "var").mkdir()
    on(tmp_path)
    return tmp_path


def on(place: Path, *written: RemotePoller) -> list[RemotePoller]:
    """Write pollers as the daemon does, and return all."""

    async def do() -> list[RemotePoller]:
        file = place / "var" / "noc.db"
        database = Database(file) if file.exists() else empty_database(file)
        await database.start()
        async with database.write() as connection:
            await rows.write(connection, written)
            found = list(await rows.everyone(connection))
        await database.stop()
        return found

    return asyncio.run(do())


def run(app: typer.Typer, *arguments: str, code: int = 0) -> str:
    """Return what a command prints. Raises what it raises."""
    done = RUNNER.invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def enrol(name: str, *more: str, group: str = "africa") -> None:
    run(poller.app, "enrol", name, "--group", group, "-c", "noc.yaml", *more)


def listed(code: int = 0) -> dict[str, list[dict[str, object]]]:
    return dict(json.loads(run(pollers.app, "--json", "-c", "noc.yaml", code=code)))


def test_a_poller_gets_all_that_it_needs_and_the_centre_keeps_no_password(place: Path) -> None:
    enrol("nbo-1-poller", "--out", "out.json", "--by", "wanjiru")
    identity = read((place / "out.json").read_bytes(), Identity)
    file = place / "var" / "pollers" / "nbo-1-poller.json"
    known = read(file.read_bytes(), Enrolled)
    assert (identity.host, identity.port, identity.tls) == ("mqtt.example.org", 8883, True)
    assert identity.ca == (place / "broker" / "ca.crt").read_text()
    assert (known.sealing_key, known.group, known.by) == (identity.sealing_key, "africa", "wanjiru")
    assert identity.password not in file.read_text()
    assert {path.stat().st_mode & 0o777 for path in (file, place / "out.json")} == {0o600}
    assert read_accounts(place / "broker").names() == ("noc-centre", "noc-poller-nbo-1-poller")
    assert [(one.name, one.state) for one in on(place)] == [("nbo-1-poller", "never")]


def test_twice_only_by_force_which_makes_the_one_from_before_worthless_and_ends_a_quarantine(place: Path) -> None:
    enrol("a")
    first = read((place / "a.identity.json").read_bytes(), Identity)
    on(place, replace(on(place)[0], state="here", boot="b1"))
    with pytest.raises(UsageError, match="poller 'a' is enrolled already; --force"):
        enrol("a", "--out", "other.json")
    enrol("a", "--force", "--json", group="asia")
    second = read((place / "a.identity.json").read_bytes(), Identity)
    assert {first.password, first.key}.isdisjoint({second.password, second.key})
    assert read_accounts(place / "broker").names() == ("noc-centre", "noc-poller-a")
    assert [(one.group, one.quarantine) for one in on(place)] == [("asia", "")]


@pytest.mark.parametrize(
    ("name", "group", "said"),
    [
        ("a", "afrika", r"there is no group 'afrika' \(did you mean 'africa'\?\); there are africa, asia"),
        ("Bad Name", "africa", "a poller's name: 'Bad Name' is not a word"),
        ("../x", "africa", "is not a word"),
        ("main", "africa", "is the name of this centre"),
        ("asia", "africa", "is the name of a group; give the poller another, asia-1 say"),
    ],
)
def test_what_can_not_be_a_poller_is_refused_and_nothing_is_done(place: Path, name: str, group: str, said: str) -> None:
    (place / "noc.yaml").write_text((place / "noc.yaml").read_text() + "polling: {poller: main}\n")
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError, match=said):
        enrol(name, group=group)
    assert sorted(place.rglob("*")) == before


def test_without_a_database_it_is_enrolled_all_the_same(place: Path) -> None:
    (place / "var" / "noc.db").unlink()
    enrol("a")
    assert not (place / "var" / "noc.db").exists()
    assert [one["state"] for one in listed(code=1)["pollers"]] == ["never"]


def test_settings_that_can_not_be_read_are_told_with_their_place(place: Path) -> None:
    (place / "noc.yaml").write_text("pollers: {groups: 7}\n")
    with pytest.raises(InputError, match=r"noc\.yaml:1"):
        enrol("a")


def test_who_is_removed_is_gone_everywhere(place: Path) -> None:
    enrol("a")
    run(poller.app, "remove", "a", "-c", "noc.yaml")
    assert on(place) == []
    assert list((place / "var" / "pollers").iterdir()) == []
    assert read_accounts(place / "broker").names() == ("noc-centre",)
    with pytest.raises(UsageError, match="there is no poller 'a'"):
        run(poller.app, "remove", "a", "-c", "noc.yaml")


def test_the_list_tells_state_share_and_where_nobody_looks(place: Path) -> None:
    enrol("a")
    enrol("b")
    enrol("s", group="asia")
    here = [replace(one, state="here", since_ms=1_000, version="0.1", offset_us=1500) for one in on(place)]
    on(place, *here)
    told = listed()
    assert [one["state"] for one in told["pollers"]] == ["here"] * 3
    assert sum(int(str(one["devices"])) for one in told["pollers"]) == 4
    assert told["pollers"][0]["offset_ms"] == 1.5
    assert [one["blind"] for one in told["groups"]] == [False, False]
    on(place, replace(here[2], state="gone", since_ms=5_000))
    told = listed(code=1)
    assert told["groups"][1]["blind_since"] == "1970-01-01T00:00:05.000Z"
    assert "gone" in run(pollers.app, "-c", "noc.yaml", code=1)


def test_one_is_asked_to_drain_and_let_out_of_quarantine(place: Path) -> None:
    enrol("a")
    run(pollers.app, "drain", "a", "-c", "noc.yaml")
    assert on(place)[0].drain
    run(pollers.app, "drain", "a", "--undo", "-c", "noc.yaml")
    assert not on(place)[0].drain
    run(pollers.app, "release", "a", "-c", "noc.yaml")
    with pytest.raises(UsageError, match=r"there is no poller 'aa' \(did you mean|there is no poller 'aa'"):
        run(pollers.app, "drain", "aa", "-c", "noc.yaml")


def test_what_would_move_is_shown_and_nothing_is_done(place: Path) -> None:
    enrol("a")
    on(place, replace(on(place)[0], state="here"))
    command = ("rebalance", "--dry-run", "--json", "-c", "noc.yaml")
    (africa, asia) = json.loads(run(pollers.app, *command, "--with", "z", "--group", "africa"))["groups"] + [None]
    assert asia is None
    assert sum(one["after"] for one in africa["pollers"]) == 3
    assert len(africa["moved"]) == next(one["after"] for one in africa["pollers"] if one["name"] == "z")
    gone = json.loads(run(pollers.app, *command, "--without", "a"))["groups"]
    assert [one["to"] for one in gone[0]["moved"]] == [None] * 3
    assert "3 of 3" not in run(pollers.app, "rebalance", "--dry-run", "-c", "noc.yaml")
    with pytest.raises(UsageError, match="give --dry-run"):
        run(pollers.app, "rebalance", "-c", "noc.yaml")
    with pytest.raises(UsageError, match="--with: 'z' is not enrolled"):
        run(pollers.app, *command, "--with", "z")


def test_an_identity_is_let_in_at_another_broker(place: Path) -> None:
    enrol("a")
    run(broker.app, "config", "other", "--host", "192.0.2.9", "--add", "a.identity.json", "--reader", "wall", "--json")
    assert read_accounts(place / "other").names() == ("noc-centre", "wall", "noc-poller-a")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "mqtt://x"], "--host: 'mqtt://x' is no name"),
        (["--host", "x", "--reader", "noc-centre"], "--reader: 'noc-centre' is no name for one"),
        (["--host", "x", "--add", "noc.yaml"], "noc.yaml: it can't be read"),
        (["--host", "x", "--at", "relative"], "'relative' is no path"),
    ],
)
def test_a_broker_that_can_not_be_is_refused_and_nothing_is_written(
    place: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        run(broker.app, "config", "new", *arguments)
    assert not (place / "new").exists()
