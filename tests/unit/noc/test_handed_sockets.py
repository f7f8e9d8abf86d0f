"""Sockets that systemd hands over: by name, and only to the process that they are meant for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing

from noc.systemd import handed_sockets

PROGRAM = """
import os, json
from noc.systemd import handed_sockets
found = handed_sockets({**os.environ, "LISTEN_PID": str(os.getpid())})
print(json.dumps({name: [(int(one.type), one.getsockname()[1]) for one in many] for name, many in found.items()}))
"""


def test_without_systemd_there_are_none() -> None:
    assert handed_sockets({}) == {}
    assert handed_sockets({"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid() + 1)}) == {}
    assert handed_sockets({"LISTEN_FDS": "x", "LISTEN_PID": str(os.getpid())}) == {}


def test_they_come_by_the_name_of_their_unit() -> None:
    with (
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as trap,
        closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as syslog,
    ):
        for one in (trap, syslog):
            one.bind(("127.0.0.1", 0))
        # as systemd does: from descriptor 3 on; 5 is no socket
        script = f"exec {sys.executable} -c '{PROGRAM}' 3<&{trap.fileno()} 4<&{syslog.fileno()} 5</dev/null"
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            pass_fds=(trap.fileno(), syslog.fileno()),
            env={**os.environ, "LISTEN_FDS": "3", "LISTEN_FDNAMES": "trap:syslog:odd"},
        )
        assert done.returncode == 0, done.stderr
        ports = trap.getsockname()[1], syslog.getsockname()[1]
    assert done.stdout.strip() == f'{{"trap": [[2, {ports[0]}]], "syslog": [[1, {ports[1]}]]}}'
    assert "no socket" in done.stderr
