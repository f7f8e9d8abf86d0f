"""Commands over SSH against Debian's sshd: real prompts and real keys."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from noc.model.command import Command
from noc.model.reading import FailureKind
from noc.settings.secrets import Secret
from noc.wire.ssh import (
    Shell,
    SshLogin,
)
from tests.live.ssh_server import Sshd, SshServers, ssh_servers, sshd
from tests.live.ssh_shells import (
    HURRIED,
    PATIENCE,
    UNAME,
    UPTIME,
    MakeShell,
    bash,
    failure,
    run,
    shell,
    shells,
)

__all__ = ["shell", "shells", "ssh_servers", "sshd"]  # fixtures

pytestmark = pytest.mark.live

# --- what works -----------------------------------------------------------------------------------------------------

COLOURFUL = r"""
HISTFILE=~HISTORY~
PROMPT_COMMAND='PS1="\[\e[31m\]\u@\h \w \$(date +%T) [#\#]\n\$\[\e[0m\] "'
echo "Welcome! # root@host:~# $ > "
"""


async def test_ones_own_shell_answers(shell: Shell, sshd: Sshd) -> None:
    (output,) = await run(shell, sshd, UPTIME)
    assert output.command is UPTIME
    assert "load average:" in output.text
    assert "\n" not in output.text
    assert not output.is_cut
    assert 0.0 < output.duration_s < 10.0


@pytest.mark.parametrize("kind", ["bash", "sh"])
async def test_prompts_echo_and_greeting_stay_out_of_the_text(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path, kind: str
) -> None:
    # The prompt of root in a plain sh is `# `, and `uname -a` prints `#1`.
    history = tmp_path / "history"
    history.write_text("what was there\n")
    colourful = bash(tmp_path, COLOURFUL.replace("~HISTORY~", str(history)))
    server, _ = ssh_servers.start(forced=colourful if kind == "bash" else "exec /bin/sh -i")
    commands = [UNAME, Command("linux", "cat /proc/meminfo"), Command("linux", "df -h /"), UNAME]
    outputs = await run(shell, server, *commands)
    uname = subprocess.run(["uname", "-a"], check=True, capture_output=True, text=True).stdout.strip()
    assert "#" in uname
    assert [outputs[0].text, outputs[3].text] == [uname, uname]
    lines = outputs[1].text.splitlines()
    assert [lines[0].split(":")[0], lines[1].split(":")[0]] == ["MemTotal", "MemFree"]
    assert lines[-1].split()[-1] == "kB"
    assert outputs[2].text.startswith("Filesystem")
    assert len(outputs[2].text.splitlines()) == 2
    await shell.stop()
    assert history.read_text() == "what was there\n"


async def test_a_start_up_file_that_throws_typed_lines_away_is_waited_out(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    flush = "python3 -c 'import termios; termios.tcflush(0, termios.TCIFLUSH)'"
    server, _ = ssh_servers.start(forced=bash(tmp_path, f"sleep 1; {flush}\n"))
    assert "load average" in (await run(shell, server, UPTIME))[0].text


async def test_text_that_is_not_clean_is_made_so(shell: Shell, ssh_servers: SshServers, tmp_path: Path) -> None:
    start_up = r"uptime() { printf 'h\xc3\xa9 \xff \a\e[31mred\e[0m\t\e]0;title\a 1\r\n\n2 # no line end'; }"
    server, _ = ssh_servers.start(forced=bash(tmp_path, start_up))
    outputs = await run(shell, server, UPTIME, UPTIME)
    assert outputs[0].text == outputs[1].text
    assert outputs[0].text == "hé � �red\t 1\n\n2 # no line end"


async def test_a_character_that_falls_between_two_packets_is_whole(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    start_up = "uptime() { for i in $(seq 1 20000); do printf 'añb€'; done; }"
    server, _ = ssh_servers.start(forced=bash(tmp_path, start_up))
    (output,) = await run(shell, server, UPTIME)
    assert output.text == "añb€" * 20000


IOS = r"""#!/bin/sh
mode='>'
stty -echo
printf '\nAuthorised use only. # > $\n'
while printf 'nbo-rtr-1%s' "$mode"; read -r line; do
  printf '%s\n' "$line"
  printf '%s\n' "$line" >>"${0%.sh}.lines"
  case $line in
    'terminal width 511'|'terminal length 0'|'') ;;
    enable)
      printf 'Password: '; read -r password; printf '\n'
      if [ "$password" = open-sesame ]; then mode='#'; else printf '%% Bad secrets: %s\n\n' "$password"; fi ;;
    'show clock') printf '*08:00:00.000 UTC Sat Nov 21 2026\n' ;;
    'show privilege') printf 'Current privilege level is %s\n' "$([ "$mode" = '#' ] && echo 15 || echo 1)" ;;
    *) printf '%% Invalid input\n' ;;
  esac
done
"""


@pytest.mark.parametrize(("password", "level"), [(None, 1), ("open-sesame", 15)])
async def test_a_vendors_command_line_goes_through_its_driver(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path, password: str | None, level: int
) -> None:
    script = tmp_path / "ios.sh"
    script.write_text(IOS)
    server, _ = ssh_servers.start(forced=f"exec /bin/sh {script}")
    login = server.login()
    login = SshLogin(
        login.user,
        private_key=login.private_key,
        enable_password=None if password is None else Secret(password),
        port=login.port,
    )
    commands = [Command("cisco-ios", "show clock"), Command("cisco-ios", "show privilege")]
    outputs = await shell.run("127.0.0.1", login, commands, PATIENCE)
    assert [output.text for output in outputs] == [
        "*08:00:00.000 UTC Sat Nov 21 2026",
        f"Current privilege level is {level}",
    ]
    typed = {line for line in script.with_suffix(".lines").read_text().splitlines() if line}
    assert typed - {"enable"} == {"terminal width 511", "terminal length 0", "show clock", "show privilege"}


async def test_a_wrong_enable_password_is_an_auth_failure_and_never_shown(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    script = tmp_path / "ios.sh"
    script.write_text(IOS)
    server, _ = ssh_servers.start(forced=f"exec /bin/sh {script}")
    key = server.login().private_key
    login = SshLogin(server.login().user, private_key=key, enable_password=Secret("tell-nobody"), port=server.port)
    refused = await failure(shell, login, HURRIED, [Command("cisco-ios", "show clock")])
    assert refused.kind is FailureKind.AUTH
    assert "the enable password was refused" in str(refused)
    assert "tell-nobody" not in str(refused)


async def test_an_old_servers_algorithms_are_spoken(shell: Shell, ssh_servers: SshServers) -> None:
    old = ["KexAlgorithms diffie-hellman-group14-sha1", "HostKeyAlgorithms ssh-rsa", "Ciphers aes128-cbc"]
    server, _ = ssh_servers.start(settings=[*old, "MACs hmac-sha1"], host_keys=["rsa"])
    for _ in range(2):  # the second time the key is known
        assert "load average" in (await run(shell, server, UPTIME))[0].text


# --- host keys ------------------------------------------------------------------------------------------------------


async def test_a_new_host_key_is_kept_once_and_readable_by_noc_alone(
    shells: MakeShell, sshd: Sshd, tmp_path: Path
) -> None:
    learned = tmp_path / "known_hosts"
    for policy in ("accept-new", "accept-new", "strict"):
        shell = shells(policy)
        await shell.start()
        await asyncio.gather(*(run(shell, sshd, UPTIME) for _ in range(2)))
    (line,) = learned.read_text().splitlines()
    public = (sshd.folder / "host-ed25519.pub").read_text().split()
    assert line.split() == [sshd.name, *public[:2]]
    assert learned.stat().st_mode & 0o777 == 0o600


async def test_a_changed_host_key_is_refused_before_anything_is_sent(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    server, stop = ssh_servers.start()
    await run(shell, server, UPTIME)
    stop()
    server, _ = ssh_servers.start(port=server.port, generation="-new")
    changed = await failure(shell, server.login())
    assert changed.kind is FailureKind.AUTH
    assert f"its host key has changed: {tmp_path}/known_hosts:1 has ssh-ed25519 SHA256:" in str(changed)
    for name in ("host-ed25519", "host-ed25519-new"):
        shown = subprocess.run(["ssh-keygen", "-lf", server.folder / name], check=True, capture_output=True, text=True)
        assert shown.stdout.split()[1] in str(changed)
    assert "Accepted" not in server.log
    assert "user" not in server.log.lower()
    # The operator takes the line out, and noc goes on without a restart.
    (tmp_path / "known_hosts").write_text("")
    assert "load average" in (await run(shell, server, UPTIME))[0].text


async def test_a_known_kind_of_key_is_asked_for_so_that_another_kind_is_no_false_alarm(
    shell: Shell, ssh_servers: SshServers
) -> None:
    server, stop = ssh_servers.start(host_keys=["rsa"])
    await run(shell, server, UPTIME)
    stop()
    server, _ = ssh_servers.start(port=server.port, host_keys=["ed25519", "ecdsa", "rsa"])
    assert "load average" in (await run(shell, server, UPTIME))[0].text


@pytest.mark.parametrize("hashed", [False, True])
async def test_strict_takes_keys_from_a_file_of_people_and_no_others(
    shells: MakeShell, ssh_servers: SshServers, tmp_path: Path, hashed: bool
) -> None:
    server, _ = ssh_servers.start(host_keys=["ed25519", "ecdsa"])
    given = tmp_path / "given"
    given.write_text("")
    shell = shells("strict", given)
    await shell.start()
    unknown = await failure(shell, server.login())
    assert unknown.kind is FailureKind.AUTH
    assert f"`host_keys: strict` is set; compare it with the device's own, then add it to {given}" in str(unknown)
    assert not (tmp_path / "known_hosts").exists()
    given.write_text(f"{server.name} {(server.folder / 'host-ecdsa.pub').read_text()}")
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", given], check=True, capture_output=True)
        assert server.name not in given.read_text()
    assert "load average" in (await run(shell, server, UPTIME))[0].text
