"""A town for discovery: a configuration with an inventory, and snmpd agents around it on addresses of loopback."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from noc.cli import main
from tests.live.conftest import find_program, running, wait_for

CONF = """\
agentaddress {addresses}
rocommunity {community}
createUser noc SHA-256 "noc-auth-key-1" AES "noc-priv-key-1"
rouser noc priv
sysName {name}
sysLocation Nairobi, block D
sysObjectID 1.3.6.1.4.1.8072.3.2.10
exactEngineID 0x80001f8804{engine}
authtrapenable 1
"""

NOC_YAML = """\
state_dir: state
inventory: inventory
credentials:
  wrong: {{snmp: {{version: 2c, community: !secret file:wrong}}}}
  field: {{snmp: {{version: 2c, community: !secret file:right}}}}
  third: {{snmp: {{version: 3, user: noc, auth: SHA-256, auth_key: !secret file:auth, priv: AES-128,
                   priv_key: !secret file:priv}}}}
defaults: {{credentials: field, liveness: snmp, interval: 60s, timeout: 1s, retries: 1}}
discovery: {{snmp_port: {port}, timeout: 1s, exclude: [127.77.0.9], ssh_port: {ssh}}}
"""

SITES = """\
regions: {all: {name: All}}
sites:
  nairobi: {region: all, class: rtc, subnets: [127.77.0.0/28]}
  brindisi: {region: all, class: hub}
"""


@dataclass
class Said:
    """What a command printed."""

    stdout: str
    stderr: str


def said_by(*arguments: str, status: int = 0) -> Said:
    """Run a command; it must end with this status."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["noc", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert (ended.value.code or 0) == status, (out.getvalue(), err.getvalue())
    return Said(out.getvalue(), err.getvalue())


@dataclass
class Town:
    """A configuration, and agents around it."""

    folder: Path
    port: int

    def noc(self, *arguments: str, status: int = 0) -> Said:
        """Run `noc discover` as a shell would, but here: profiles are compiled once."""
        return said_by("discover", *arguments, "-c", str(self.folder / "noc.yaml"), status=status)

    def proposals(self) -> dict[str, dict[str, object]]:
        """Return the new proposals by name."""
        found = json.loads(self.noc("list", "--json").stdout)
        return {one["sys_name"] or one["address"]: one for one in found}


# A shell starts what runs in the background deaf to SIGINT, and this test may run so.
PROGRAM = [
    *(sys.executable, "-c"),
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from noc.cli import main; main()",
]


def agent_on(
    stack: contextlib.ExitStack, folder: Path, name: str, port: int, *addresses: str, community: str = "right"
) -> None:
    """Start a snmpd on addresses."""
    program, here = find_program("snmpd", "snmpd"), folder / name
    here.mkdir()
    listening = ",".join(f"udp6:[{one}]:{port}" if ":" in one else f"udp:{one}:{port}" for one in addresses)
    engine = name.encode().hex()
    (here / "snmpd.conf").write_text(CONF.format(addresses=listening, name=name, community=community, engine=engine))
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(here), "SNMPCONFPATH": str(here)}
    command = [program, "-f", "-Lo", "-C", "-c", str(here / "snmpd.conf")]
    process = stack.enter_context(running(command, here / "log", env))
    wait_for(lambda: "NET-SNMP version" in (here / "log").read_text(errors="replace"), process, "snmpd", here / "log")
