"""Agents that nobody recorded: walks made of MIB texts, served by snmpsim."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.live.conftest import RunningAgent, agent_answers, free_udp_port, running, wait_for

Walk = Mapping[str, int | str]
"""Below 1.3.6.1.4.1: an INTEGER or an OCTET STRING by its OID."""


@contextlib.contextmanager
def served(walks: Mapping[str, tuple[str, Walk]], folder: Path) -> Iterator[RunningAgent]:
    """Serve walks by their names as communities; each has its sysObjectID, below 1.3.6.1.4.1 too, before it."""
    data = folder / "served"
    data.mkdir()
    for name, (above, walk) in walks.items():
        (data / f"{name}.snmprec").write_text(_snmprec(above, walk))
    port, log = free_udp_port(), folder / "log"
    command = [
        str(Path(sys.executable).with_name("snmpsim-command-responder")),
        f"--data-dir={data}",
        f"--cache-dir={folder / 'cache'}",
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        "--logging-method=null",
    ]
    if os.geteuid() == 0:
        command += ["--process-user=root", "--process-group=root"]
    with running(command, log) as process:
        wait_for(lambda: agent_answers(port, next(iter(walks))), process, "snmpsim", log)
        yield RunningAgent(port)


def _snmprec(above: str, walk: Walk) -> str:
    """Return a walk in snmpsim's notation: OID, type (2 Integer32, 4 text, 6 OID, 67 TimeTicks), value."""
    lines: dict[str, tuple[int, int | str]] = {
        "1.3.6.1.2.1.1.1.0": (4, "made"),
        "1.3.6.1.2.1.1.2.0": (6, f"1.3.6.1.4.1.{above}"),
        "1.3.6.1.2.1.1.3.0": (67, 100),
    }
    for oid, value in walk.items():
        lines[f"1.3.6.1.4.1.{oid}"] = (2 if isinstance(value, int) else 4, value)
    ordered = sorted(lines.items(), key=lambda line: tuple(map(int, line[0].split("."))))
    return "".join(f"{oid}|{tag}|{value}\n" for oid, (tag, value) in ordered)
