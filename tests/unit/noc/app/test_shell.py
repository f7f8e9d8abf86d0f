"""From settings to the shell service and its log-ins."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.build import plan_of
from noc.app.shell import ssh_logins
from noc.inventory.credentials import CredentialSet, SshCredentials
from noc.settings.secrets import Secret, SecretError, SecretRef

from .conftest import CLEAN, Checking

KNOWN = "192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFc9CBRUNDjH2r3Vuxzq0wpBVaxEbzcZnJTbM0ocZhD9\n"
SSH = (
    "credentials:\n"
    "  shell: {ssh: {user: noc, port: 2222, password: !secret file:community}}\n"
    "defaults: {credentials: shell, ssh: {platform: linux, command: uptime}}\n"
)


def test_log_ins_hold_what_the_settings_say(tmp_path: Path) -> None:
    for name in ("key", "phrase", "enable"):
        (tmp_path / name).write_text(f"the {name}\n")
    settings = SshCredentials(
        user="noc",
        port=2222,
        private_key=SecretRef("file", "key"),
        passphrase=SecretRef("file", "phrase"),
        enable_password=SecretRef("file", "enable"),
    )
    logins = ssh_logins({"a": CredentialSet(ssh=settings), "b": CredentialSet()}, tmp_path)
    assert list(logins) == ["a"]
    login = logins["a"]
    assert (login.user, login.port, login.password) == ("noc", 2222, None)
    assert login.private_key == Secret("the key")
    assert login.passphrase == Secret("the phrase")
    assert login.enable_password == Secret("the enable")
    with pytest.raises(SecretError, match="no such file"):
        ssh_logins({"a": CredentialSet(ssh=settings)}, tmp_path / "elsewhere")


def test_a_device_with_ssh_alone_is_asked_its_command_and_not_polled_by_snmp(checking: Checking) -> None:
    checked = checking.run({"noc.yaml": SSH})
    assert checked.findings == ()
    plan = plan_of(checked)
    checks = {check.kind: check for check in plan.checks()}
    assert sorted(checks) == ["icmp", "ssh"]
    target = plan.target(checks["ssh"])
    assert target.snmp is None
    assert target.ssh is not None
    assert (target.ssh.user, target.ssh.port, target.ssh.password) == ("noc", 2222, Secret("public"))


def test_credentials_without_an_ssh_part_are_found(checking: Checking) -> None:
    text = CLEAN["noc.yaml"].replace(
        "{credentials: standard}", "{credentials: standard, ssh: {platform: linux, command: df}}"
    )
    (message,) = checking.messages({"noc.yaml": text})
    assert message.startswith("noc.yaml:2:")
    assert message.endswith("error: defaults: ssh is set, but credentials 'standard' have no ssh part")


@pytest.mark.parametrize(
    ("known_hosts", "messages"),
    [
        (KNOWN, []),
        ("# none yet\n", []),
        (f"{KNOWN}x\n", ["hosts:2:1: error: not a line of known_hosts; write NAME TYPE KEY, as ssh-keyscan does"]),
        (None, ["hosts: error: can't be read: no such file or directory"]),
    ],
)
def test_a_known_hosts_file_is_checked(checking: Checking, known_hosts: str | None, messages: list[str]) -> None:
    settings = f"{SSH}ssh: {{host_keys: strict, known_hosts: hosts, max_sessions: 4}}\n"
    assert checking.messages({"noc.yaml": settings, "hosts": known_hosts}) == messages


@pytest.mark.parametrize(
    ("ssh", "words"),
    [
        ("{host_keys: yes}", "host_keys: 'yes' is not one of 'accept-new' or 'strict'"),
        ("{host_keys: off}", "host_keys: 'off' is not one of"),
        ("{max_sessions: 0}", "max_sessions: must be greater than or equal to 1"),
        ('{known_hosts: "a\\0b"}', "no path holds a NUL"),
    ],
)
def test_settings_that_are_wrong_are_told(checking: Checking, ssh: str, words: str) -> None:
    messages = checking.messages({"noc.yaml": f"{SSH}ssh: {ssh}\n"})
    assert len(messages) == 1
    assert messages[0].startswith("noc.yaml:4:")
    assert words in messages[0]
