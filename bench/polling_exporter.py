"""The other side of bench_polling.py: Debian's prometheus-snmp-exporter, asked for what noc reads of those agents."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from noc.inventory.profiles.compiled import Profile
from noc.model.reading import Known

PROGRAM = "prometheus-snmp-exporter"
MAX_REPETITIONS = 25  # the exporter's default

_TYPES = {
    "counter32": "counter",
    "counter64": "counter",
    "string": "DisplayString",
    "hex": "OctetString",
    "oid": "DisplayString",
    "mac": "PhysAddress48",
    "ip": "InetAddressIPv4",
}
_INDEX_TYPES = {
    "integer": "type: gauge",
    "ip": "type: InetAddressIPv4",
    "inet": "type: InetAddress",
    "mac": "type: PhysAddress48",
    "string": "type: DisplayString",
    "implied": "type: DisplayString, implied: true",
    "rest": "type: OctetString, implied: true",
}


def wanted(known: Known) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the tables that a device has, with their columns; scalars stand under the name ``."""
    found = {table: {column for block in blocks for column in block.columns} for table, blocks in known.cells.items()}
    return tuple((table, tuple(sorted(columns))) for table, columns in sorted(found.items()))


def module(name: str, profile: Profile, has: Sequence[tuple[str, tuple[str, ...]]], community: str) -> str:
    """Return a module of snmp.yml that reads the same scalars and columns as noc: only those that the device has."""
    scalars = {thing.name: thing for thing in profile.scalars}
    tables = {table.name: table for table in profile.tables}
    get, walk, metrics = [], [], []
    for table, columns in has:
        things = scalars if not table else {it.name: it for it in (*tables[table].rows_from, *tables[table].columns)}
        for column in columns:
            thing = things[column]
            (walk if table else get).append(f"  - {thing.oid}{'' if table else '.0'}")
            kind = _TYPES.get(thing.type, "gauge")
            metrics.append(f"  - name: {column}\n    oid: {thing.oid}\n    type: {kind}\n    help: {column}")
            if table:
                parts = tables[table].index
                labels = [f"    - {{labelname: {part.name}, {_INDEX_TYPES[part.type]}}}" for part in parts]
                metrics[-1] += "\n    indexes:\n" + "\n".join(labels or ["    - {labelname: index, type: gauge}"])
    lines = [f"{name}:", "  version: 2", f"  max_repetitions: {MAX_REPETITIONS}", "  timeout: 2s", "  retries: 2"]
    lines += [f"  auth: {{community: {community}}}", "  get:", *get, "  walk:", *walk, "  metrics:", *metrics]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Target:
    """What the exporter is asked for."""

    address: str
    port: int
    module: str


class Exporter:
    """The exporter as a process on a free port of loopback."""

    def __init__(self, settings: str, folder: Path) -> None:
        path = folder / "snmp.yml"
        path.write_text(settings)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._log = (folder / "exporter.log").open("w+")
        command = [PROGRAM, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{self._port}"]
        self._process = subprocess.Popen(command, stderr=self._log, stdout=self._log)

    @staticmethod
    def installed() -> bool:
        """Return whether the program is there."""
        return shutil.which(PROGRAM) is not None

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def cpu_s(self) -> float:
        """Return the CPU seconds that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the memory that it had at most."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    async def ready(self) -> None:
        """Wait until it listens."""
        for _ in range(100):
            if self._process.poll() is not None:
                self._log.seek(0)
                raise SystemExit(f"{PROGRAM} did not start:\n{self._log.read()}")
            try:
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self._port}/"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
        raise SystemExit(f"{PROGRAM} does not listen on port {self._port}")

    async def scrape(self, targets: Sequence[Target], at_once: int) -> tuple[float, float, int]:
        """Ask for each target once. Return CPU seconds of the exporter, seconds, lines of metrics."""
        left, metrics = iter(targets), 0
        connector = aiohttp.TCPConnector(limit=at_once)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def work() -> None:
                nonlocal metrics
                for target in left:
                    where = {"module": target.module, "target": f"{target.address}:{target.port}"}
                    async with session.get(f"http://127.0.0.1:{self._port}/snmp", params=where) as response:
                        body = await response.read()
                    if response.status != 200:
                        raise SystemExit(f"{PROGRAM} answers {response.status} for {target}:\n{body.decode()[:2000]}")
                    lines = body.split(b"\n")
                    metrics += sum(bool(line) and line[:1] != b"#" and line[:12] != b"snmp_scrape_" for line in lines)

            cpu_s, began = self.cpu_s(), time.perf_counter()
            await asyncio.gather(*(work() for _ in range(at_once)))
            return self.cpu_s() - cpu_s, time.perf_counter() - began, metrics
