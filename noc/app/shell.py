"""From settings to the shell service: where host keys are kept, and how to log in with each set of credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from noc.app.settings import RootSettings
from noc.clock import Clock
from noc.inventory.credentials import CredentialSet, SshCredentials
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.secrets import Secret, SecretRef
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell, SshLogin, known_hosts_findings

LEARNED_HOST_KEYS = Path("ssh") / "known_hosts"
"""Below the state folder: the keys that were accepted at the first log-in."""


def shell_of(settings: RootSettings, folder: Path, clock: Clock) -> Shell:
    """Return the shell service. folder: that of noc.yaml, from which relative paths start."""
    keys = HostKeys(host_key_files(settings, folder), settings.ssh.host_keys)
    return Shell(keys, clock, settings.ssh.max_sessions)


def host_key_files(settings: RootSettings, folder: Path) -> HostKeyFiles:
    """Return where host keys are kept."""
    given = settings.ssh.known_hosts
    return HostKeyFiles(folder / settings.state_dir / LEARNED_HOST_KEYS, None if given is None else folder / given)


def ssh_logins(credentials: Mapping[str, CredentialSet], folder: Path) -> dict[str, SshLogin]:
    """Return how to log in with each credential set that has an ssh part. Raises SecretError."""
    return {name: _login(entry.ssh, folder) for name, entry in credentials.items() if entry.ssh is not None}


def wrong_host_keys(path: Path) -> Iterator[Finding]:
    """Yield what is wrong with a known_hosts file of people."""
    try:
        yield from known_hosts_findings(path)
    except InputError as error:
        yield from error.findings


def _login(settings: SshCredentials, folder: Path) -> SshLogin:
    def secret(ref: SecretRef | None) -> Secret | None:
        return None if ref is None else ref.resolve(folder)

    return SshLogin(
        user=settings.user,
        password=secret(settings.password),
        private_key=secret(settings.private_key),
        passphrase=secret(settings.passphrase),
        enable_password=secret(settings.enable_password),
        port=settings.port,
    )
