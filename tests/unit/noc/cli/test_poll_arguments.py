"""`noc poll`: wrong arguments are told before anything is sent, with what to do, and no secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from noc.cli import main
from noc.cli._agent import credentials_of, profiles_with
from noc.cli.poll import command
from noc.model.errors import NocError, UsageError
from noc.wire.snmp import Community, User

KEYS = ["--v3-auth-key", "auth-pass-phrase", "--v3-priv-key", "priv-pass-phrase"]


POLL = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
POLL.command("poll")(command)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run `noc poll`; return its exit code and what it said. Nothing may stand on stdout."""
    try:
        POLL(list(arguments), prog_name="noc poll")
    except NocError as error:  # noc.cli._root turns it into a message and an exit code
        code, told = error.exit_code, str(error)
    except SystemExit as ended:
        code, told = int(ended.code or 0), ""
    said = capsys.readouterr()
    assert said.out == ""
    return code, told + said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--line-protocol"], "--json and --line-protocol exclude each other"),
        (
            ["--profile", "cisco-iosxz"],
            "unknown profile 'cisco-iosxz' (did you mean 'cisco-iosxe'?)",
        ),
        (["--snmp-version", "4"], "--snmp-version 4: it is 1, 2c or 3"),
        (["--snmp-version", "2"], "--snmp-version 2: it is 1, 2c or 3"),
        (["--snmp-version", "3"], "SNMPv3 needs --v3-user"),
        (["--v3-auth", "SHA-256", *KEYS[:2]], "--v3-auth needs --v3-user: without it SNMP 2c is asked"),
        (["--snmp-version", "2c", "--v3-user", "ops"], "--v3-user goes with --snmp-version 3, not 2c"),
        (
            ["--v3-user", "ops", "--v3-auth", "SHA256", *KEYS[:2]],
            "--v3-auth SHA256 (did you mean 'SHA-256'?): it is one of MD5, SHA-1, ",
        ),
        (["--v3-user", "ops", "--v3-auth", "SHA-256"], "--v3-auth and --v3-auth-key go together"),
        (["--v3-user", "ops", *KEYS[:2]], "--v3-auth and --v3-auth-key go together"),
        (["--v3-user", "ops", "--v3-priv", "AES-128"], "--v3-priv and --v3-priv-key go together"),
        (
            ["--v3-user", "ops", "--v3-auth", "SHA-1", "--v3-auth-key", "short"],
            "--v3-auth-key: a pass phrase has at least 8 characters (RFC 3414, section 11.2)",
        ),
        (
            ["--v3-user", "ops", "--v3-priv", "AES-128", *KEYS[2:]],
            "--v3-priv needs --v3-auth: SNMPv3 knows no privacy without authentication (RFC 3414)",
        ),
        (["--profiles", "/nowhere/profiles"], "--profiles /nowhere/profiles: no such folder"),
        (["--port", "0"], "'--port'"),
        (["--port", "65536"], "'--port'"),
        (["--port", "snmp"], "'--port'"),
        (["--timeout", "0"], "'--timeout'"),
        (["--timeout", "nan"], "'--timeout'"),
        (["--deadline", "-1"], "'--deadline'"),
        (["--retries", "-1"], "'--retries'"),
        (["--comunity", "x"], "--comunity"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, told = run(capsys, "192.0.2.1", *arguments)
    assert code == 2
    assert said in told
    assert "Traceback" not in told


def test_the_command_line_ends_with_the_code_of_the_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["noc", "poll", "192.0.2.1", "--snmp-version", "4"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "--snmp-version 4: it is 1, 2c or 3\n")


@pytest.mark.parametrize("arguments", [["--v3-auth", "SHA-9"], ["--v3-priv", "AES-1"], ["--snmp-version", "2c"]])
def test_no_message_repeats_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setenv("NOC_SNMP_COMMUNITY", "secret-community")
    _, told = run(capsys, "192.0.2.1", "--v3-user", "ops", *KEYS, *arguments)
    assert "pass-phrase" not in told
    assert "secret-community" not in told


def test_an_address_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys)
    assert code == 2
    assert "ADDRESS" in told


def test_a_name_that_cannot_be_a_host_is_not_reached(
    capsys: pytest.CaptureFixture[str],
) -> None:
    label = "x" * 64  # one character more than a label may have: refused before anybody is asked
    code, told = run(capsys, f"{label}.example")
    assert code == 3
    assert told.startswith(f"{label}.example: not an address, and no host of that name is found: ")


@pytest.mark.parametrize(
    ("version", "user", "expected"),
    [
        (None, None, Community("public", "2c")),
        ("1", None, Community("public", "1")),
        ("2c", None, Community("public", "2c")),
        (None, "ops", User("ops")),
        ("3", "ops", User("ops")),
    ],
)
def test_a_user_means_version_3_and_none_means_2c(version: str | None, user: str | None, expected: object) -> None:
    assert credentials_of(version, "public", user, None, None, None, None) == expected


def test_credentials_of_v3_are_passed_on_as_given() -> None:
    credentials = credentials_of(None, "public", "ops", "SHA-256", "12345678", "AES-256", "87654321")
    assert credentials == User("ops", "SHA-256", "12345678", "AES-256", "87654321")


def test_credentials_do_not_show_their_secrets() -> None:
    for credentials in (
        credentials_of(None, "hidden-one", None, None, None, None, None),
        credentials_of(None, "", "ops", "SHA-256", "hidden-two", "AES-256", "hidden-three"),
    ):
        assert "hidden" not in repr(credentials)


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        profiles_with(tmp_path / "none")
