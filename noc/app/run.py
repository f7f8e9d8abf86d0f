"""Runs the daemon: start, reload by difference on SIGHUP, stop on SIGTERM and SIGINT.

A reload with an error changes nothing: the old settings go on, and every finding is logged.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

from noc.app.build import Daemon, build, plan_of
from noc.app.check import CheckResult, check
from noc.clock import Clock
from noc.inventory.inventory import difference
from noc.model.errors import InputError, NocError
from noc.pipeline.ingest import Ingested
from noc.service import running

log = logging.getLogger(__name__)


async def run(config: Path, clock: Clock) -> None:
    """Run until a signal says stop. Raises NocError where the daemon can't start."""
    checked = await asyncio.to_thread(check, config, dict(os.environ))
    daemon = build(checked, clock, tell)
    for finding in checked.findings:
        log.warning("%s", finding)
    stop, reload = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    async with running(daemon.services):
        log.info("watching %d devices at %d sites", checked.devices, checked.sites)
        reloading = asyncio.create_task(_reload_for_ever(config, checked, daemon, reload), name="reload")
        await stop.wait()
        log.info("stopping")
        reloading.cancel()
        await asyncio.gather(reloading, return_exceptions=True)


def tell(ingested: Ingested) -> None:
    """Log each change of status, once."""
    for change in ingested.transitions:
        log.info("%s is %s (was %s)", change.entity, change.status, change.before)


async def _reload_for_ever(config: Path, checked: CheckResult, daemon: Daemon, asked: asyncio.Event) -> None:
    while True:
        await asked.wait()
        asked.clear()
        log.info("reloading %s", config)
        fresh = await asyncio.to_thread(check, config, dict(os.environ))
        try:
            plan = plan_of(fresh)
        except InputError:
            for finding in fresh.findings:
                log.error("%s", finding)
            log.error("the settings have errors: nothing was changed, the old ones go on")
            continue
        except NocError as error:
            log.error("nothing was changed, the old settings go on: %s", error)
            continue
        if checked.inventory is not None and fresh.inventory is not None:
            devices = difference(checked.inventory, fresh.inventory).devices
            counts = len(devices.added), len(devices.removed), len(devices.changed)
            log.info("reloaded: %d devices are new, %d are gone, %d changed", *counts)
        daemon.polling.replace(plan)
        checked = fresh
