"""`noc profile`: an agent recorded, the recording polled, a profile begun from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli import _root
from noc.model.errors import ReachError, UsageError
from noc.simulator.recording import parse
from tests.live.conftest import RunningAgent

pytestmark = pytest.mark.live


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(_root.build(arguments), list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


USERS = {
    "v2c": ["--community", "public"],
    "v1": ["--community", "public", "--snmp-version", "1"],
    "v3": [
        *("--v3-user", "alice", "--v3-auth", "SHA-256", "--v3-auth-key", "alice-auth-key"),
        *("--v3-priv", "AES-128", "--v3-priv-key", "alice-priv-key"),
    ],
}


@pytest.mark.parametrize("login", USERS)
def test_a_real_agent_is_recorded_masked_polled_and_compared(login: str, snmpd: RunningAgent, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    file = folder / "host.snmprec"
    asked = ["127.0.0.1", "--port", str(snmpd.port), *USERS[login], "-o", str(file)]
    # Not all: the tables of processes of a whole host are long, and v1 asks for one object at a time.
    code, _, words = run("profile", "record", *asked, "--root", "1.3.6.1.2.1.1", "--root", "1.3.6.1.2.1.2")
    assert code == 0, words
    recorded = {row.oid: row.value for row in parse(file.read_bytes(), "host", "host").objects}
    assert recorded[1, 3, 6, 1, 2, 1, 1, 5, 0] == b"<private>"
    assert b"noc-test-agent" not in file.read_bytes()
    code, said, words = run("profile", "test", "--recordings", str(folder), "--json")
    assert code == 0, words
    (row,) = json.loads(said)["recordings"]
    assert row["profile"] == "net-snmp-linux"
    assert "lo" in [one["name"] for one in row["read"]["interfaces"]]
    assert row["differences"] is None

    assert run("profile", "test", "--recordings", str(folder), "--update")[0] == 0
    assert "as expected" in run("profile", "test", "--recordings", str(folder))[1]
    file.write_bytes(file.read_bytes().replace(b"1.3.6.1.2.1.2.2.1.2.1|4|lo", b"1.3.6.1.2.1.2.2.1.2.1|4|lo7"))
    code, said, words = run("profile", "test", "--recordings", str(folder))
    assert code == 1
    assert "1 differ" in said or "2 differ" in said
    assert 'expected "lo", read "lo7"' in words


def test_a_profile_is_begun_from_a_recording(tmp_path: Path) -> None:
    own = Path(__file__).parent.parent / "walks" / "net-snmp-linux.snmprec"
    file = tmp_path / "mine.yaml"
    code, _, words = run("profile", "new", str(own), "--title", "My hosts", "-o", str(file))
    assert code == 0, words
    assert "extends: [net-snmp-linux" in file.read_text()
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / own.name).write_bytes(own.read_bytes())
    code, said, words = run("profile", "test", "--profiles", str(tmp_path))
    assert code == 0, words
    assert "mine" in said


def test_without_arguments_every_profile_is_tested_on_what_comes_with_noc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOC_RECORDINGS", raising=False)
    code, said, words = run("profile", "test")
    assert code == 0, words
    assert re.search(r"net-snmp-linux .* as expected", said)
    assert "1 recording of " in words
    assert "read by 1 profile" in words
    told = json.loads(run("profile", "test", "--json")[1])
    assert [row["profile"] for row in told["recordings"]] == ["net-snmp-linux"]
    assert {"cisco-ios", "uhp"} <= set(told["without_recording"])
    assert "net-snmp-linux" not in told["without_recording"]
    with pytest.raises(UsageError, match="--recordings"):
        run("profile", "test", "--update")
    with pytest.raises(UsageError, match="is read by uhp"):
        run("profile", "test", "uhp")


def test_what_is_no_recording_is_told_and_the_others_are_tested(tmp_path: Path) -> None:
    own = Path(__file__).parent.parent / "walks" / "net-snmp-linux.snmprec"
    (tmp_path / "host.snmprec").write_bytes(own.read_bytes())
    (tmp_path / "letter.snmprec").write_text("Dear all,\n")
    code, said, words = run("profile", "test", "--recordings", str(tmp_path), "--update")
    assert code == 1
    assert ("not read" in said, "letter: nothing read: " in words) == (True, True)
    told = json.loads(run("profile", "test", "--recordings", str(tmp_path), "--json")[1])
    assert [(row["recording"], row["profile"], row["differences"]) for row in told["recordings"]] == [
        ("host", "net-snmp-linux", []),
        ("letter", None, None),
    ]


def test_an_agent_that_does_not_answer_is_told(tmp_path: Path) -> None:
    quiet = ["--port", "9", "--timeout", "0.1", "--retries", "0", "-o", str(tmp_path / "x.snmprec")]
    with pytest.raises(ReachError):
        run("profile", "record", "127.0.0.1", *quiet)
    assert not (tmp_path / "x.snmprec").exists()
