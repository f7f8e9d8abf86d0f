"""Reload by difference: what is the same goes on undisturbed, and settings with an error change nothing."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from noc.app.brokerless import brokerless, has_broker
from noc.app.build import Daemon, centre_plan_of, orders_of
from noc.app.check import CheckResult, check
from noc.app.losses import losses
from noc.app.settings import RootSettings
from noc.inventory.inventory import difference
from noc.model.counting import counted
from noc.model.errors import InputError, NocError
from noc.model.finding import Finding
from noc.model.instants import to_ms
from noc.settings.written import mapping
from noc.settings.yamltext import Data

log = logging.getLogger(__name__)

AT_START = ("simulated", "state_dir", "polling", "receivers", "ssh", "spool", "store", "http", "seal")
"""Settings that are read once; another value is in use after a restart, and the log says so."""


class Reload:
    """What is in use, and what was wrong with the last try to change it. checked: what the daemon was built from."""

    def __init__(self, config: Path, checked: CheckResult, daemon: Daemon) -> None:
        self.config = config
        self._daemon = daemon
        self._checked = checked
        self._linked = has_broker(checked)
        self.findings: tuple[Finding, ...] = ()
        """What was wrong with the last reload; empty: it is in use."""

        self.tried_ms: int | None = None
        """When the last reload began; None: none did."""

        self.good_ms = to_ms(daemon.clock.now())
        """Since when what is in use is."""

        self.at_start = {key: value for key, value in self.written.items() if key in AT_START}
        """What was written of that which is read once."""

    @property
    def watched(self) -> str:
        """Return what is watched, for people."""
        return f"{counted(self._checked.devices, 'device')} at {counted(self._checked.sites, 'site')}"

    @property
    def written(self) -> dict[str, Data]:
        """Return the settings of the last good reload, as they are written."""
        return {} if self._checked.merged is None else self._checked.merged.data

    @property
    def settings(self) -> RootSettings:
        """Return the settings of the last good reload."""
        return self._checked.settings or self._daemon.settings

    async def now(self) -> bool:
        """Read all settings again and use them. False: there is an error in them, or too many devices are gone.

        Then nothing was changed.
        """
        log.info("reloading %s", self.config)
        self.tried_ms = to_ms(self._daemon.clock.now())
        try:
            return await self._now()
        except Exception:  # the guard: a fault must not end reloading, and is shown until one succeeds
            log.exception("the reload met a fault in noc")
            self.findings = (Finding(str(self.config), 0, 0, "error", "the reload met a fault in noc, see the log"),)
            return False

    async def _now(self) -> bool:
        fresh = await asyncio.to_thread(check, self.config, dict(os.environ))
        try:
            plan, orders = centre_plan_of(fresh), orders_of(fresh, self._daemon.clock)
        except InputError:
            for finding in fresh.findings:
                log.error("%s", finding)
            log.error("the settings have errors: nothing was changed, the old ones go on")
            self.findings = fresh.findings
            return False
        except NocError as error:
            log.error("nothing was changed, the old settings go on: %s", error)
            self.findings = (Finding(str(self.config), 0, 0, "error", str(error)),)
            return False
        if self._refused(fresh):
            return False
        self._tell(fresh)
        self._daemon.replace(plan, orders, fresh)
        self._checked, self.findings = fresh, ()
        self.good_ms = to_ms(self._daemon.clock.now())
        return True

    def _refused(self, fresh: CheckResult) -> bool:
        """Say why settings without an error are not taken up all the same, if so."""
        holes = () if _holes(self._checked) else _holes(fresh)
        reasons = (
            (losses(self._checked, fresh), "all devices go on being watched"),
            (brokerless(fresh, linked=self._linked), "the centre polls what it polled before"),
            (holes, "people go on being on call as before"),
        )
        for findings, goes_on in reasons:
            if findings:
                for finding in findings:
                    log.error("%s", finding)
                log.error("nothing was changed: %s", goes_on)
                self.findings = findings
                return True
        return False

    def _tell(self, fresh: CheckResult) -> None:
        before = self._checked
        for finding in (*fresh.findings, *fresh.roster):
            log.warning("%s", finding)
        if before.inventory is not None and fresh.inventory is not None:
            devices = difference(before.inventory, fresh.inventory).devices
            fresh_ones = counted(len(devices.added), "device is new", "devices are new")
            log.info("reloaded: %s, %d gone, %d changed", fresh_ones, len(devices.removed), len(devices.changed))
        if before.merged is not None and fresh.merged is not None:
            old, new = before.merged.data, fresh.merged.data
            waiting = [key for key in AT_START if old.get(key) != new.get(key)]
            if mapping(old, "pollers").get("broker") != mapping(new, "pollers").get("broker"):
                waiting.append("pollers.broker")
            if waiting:
                log.warning("%s changed: in use after the next restart", ", ".join(waiting))


def _holes(checked: CheckResult) -> tuple[Finding, ...]:
    """Return when nobody would be on call, and what is wrong in calendars of shifts."""
    return tuple(finding for finding in checked.roster if finding.level == "error")
