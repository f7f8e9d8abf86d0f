"""`noc profile`: an agent recorded, the recording polled, a profile begun from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli import _root
from noc.model.errors import ReachError
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
    (row,) = json.loads(said)
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
    code, said, words = run("profile", "test", "--profiles", str(tmp_path), "--recordings", str(own.parent))
    assert code == 0, words
    assert "mine" in said


def test_an_agent_that_does_not_answer_is_told(tmp_path: Path) -> None:
    quiet = ["--port", "9", "--timeout", "0.1", "--retries", "0", "-o", str(tmp_path / "x.snmprec")]
    with pytest.raises(ReachError):
        run("profile", "record", "127.0.0.1", *quiet)
    assert not (tmp_path / "x.snmprec").exists()
