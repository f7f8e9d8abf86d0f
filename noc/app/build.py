"""Joins the rooms: from checked settings to the services of the daemon. Read this first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors._ports import Doors
from noc.app.check import CheckResult
from noc.app.polling import Plan, Polling, resolved
from noc.app.shell import shell_of, ssh_logins
from noc.clock import Clock
from noc.model.errors import InputError
from noc.pipeline.ingest import Ingested
from noc.service import Service
from noc.state.database import Database
from noc.wire.icmp import Pinger
from noc.wire.ssh import Shell

STATE_FILE = "noc.db"


@dataclass(frozen=True, slots=True)
class Daemon:
    """The services of one process, in the order in which they start; they stop in reverse."""

    database: Database
    pinger: Pinger
    shell: Shell
    polling: Polling

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all services."""
        return (self.database, self.pinger, self.shell, self.polling)


def plan_of(checked: CheckResult) -> Plan:
    """Return what is polled. Raises InputError with all findings where the settings have an error."""
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    credentials, folder = checked.settings.credentials, checked.folder
    return Plan(checked.inventory, resolved(credentials, folder), ssh_logins(credentials, folder))


def build(checked: CheckResult, clock: Clock, told: Callable[[Ingested], None]) -> Daemon:
    """Return the daemon that checked settings describe; nothing is started.

    told: is given what comes of each Reading. Raises InputError, as `plan_of`.
    """
    plan = plan_of(checked)
    settings = checked.settings
    if settings is None:
        raise InputError(checked.findings)
    database = Database(checked.folder / settings.state_dir / STATE_FILE)
    pinger = Pinger()
    shell = shell_of(settings, checked.folder, clock)
    doors = Doors(clock, settings.polling.poller, checked.profiles, pinger, shell)
    polling = Polling(plan, doors, database, settings.polling.max_concurrent, told)
    return Daemon(database, pinger, shell, polling)
