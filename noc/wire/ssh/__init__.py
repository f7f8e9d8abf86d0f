"""SSH: commands that change nothing, through netmiko. Start with `Shell`.

`shell` is the service, `session` one conversation in its thread, `hostkeys` decides which servers are trusted.
"""

from noc.wire.ssh.hostkeys import (
    HostKeyChangedError,
    HostKeyFileError,
    HostKeyFiles,
    HostKeyPolicy,
    HostKeys,
    known_hosts_findings,
)
from noc.wire.ssh.knownhosts import host_name
from noc.wire.ssh.refused import AcceptError, accept, refused
from noc.wire.ssh.request import MAX_OUTPUT_BYTES, Output, Patience, SshLogin
from noc.wire.ssh.shell import Shell, ShellError

__all__ = [
    "MAX_OUTPUT_BYTES",
    "AcceptError",
    "HostKeyChangedError",
    "HostKeyFileError",
    "HostKeyFiles",
    "HostKeyPolicy",
    "HostKeys",
    "Output",
    "Patience",
    "Shell",
    "ShellError",
    "SshLogin",
    "accept",
    "host_name",
    "known_hosts_findings",
    "refused",
]
