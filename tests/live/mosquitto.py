"""A real MQTT broker (Mosquitto) on a free loopback port."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from noc.app.brokeraccounts import CENTRE, rights_of_poller, user_of
from noc.app.brokerfiles import AUTHORITY, CONF, Wanted, let_in, write
from noc.wire.http import Tls
from noc.wire.mqtt import Broker
from tests.live.conftest import find_program, free_port, running, wait_for
from tests.live.ssh_server import free_tcp_port


@asynccontextmanager
async def broker(tmp_path: Path, *, locked: bool = False) -> AsyncIterator[int]:
    """Run a broker that takes anybody, or nobody."""
    port, config = free_tcp_port(), tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous {'false' if locked else 'true'}\n")
    process = await asyncio.create_subprocess_exec(
        find_program("mosquitto", "mosquitto"),
        "-c",
        str(config),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield port
    finally:
        process.terminate()
        await process.wait()


class OwnBroker:
    """A broker by `noc broker config`: TLS, accounts, rights, and a disk. It can be killed and started again.

    folder: what was written; it belongs to the user that Mosquitto becomes. inside: the command that it is run by, such
    as in a network namespace.
    """

    def __init__(self, folder: Path, hosts: Sequence[str], port: int, inside: Sequence[str] = ()) -> None:
        self.folder = folder / "broker"
        self.port = port
        self.log = folder / "broker.log"
        self._state = folder / "broker-state"
        self._hosts = tuple(hosts)
        self._inside = inside
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def write(self, readers: Sequence[str] = ()) -> None:
        """Write the folder."""
        self._state.mkdir(mode=0o700)
        wanted = Wanted(self._hosts, self.port, self.folder, self._state, 9, tuple(readers))
        self.snippet = write(self.folder, wanted, datetime.now(UTC)).snippet
        self.give()

    def give(self) -> None:
        """Give all files to the broker's user, as its README says."""
        for path in (self._state, self.folder, *self.folder.iterdir()):
            shutil.chown(path, "mosquitto", "mosquitto")

    def let_in(self, poller: str, password: str) -> None:
        """Enrol a poller at the broker alone, and have it read that."""
        let_in(self.folder, user_of(poller), password, rights_of_poller(poller))

    def start(self) -> None:
        """Start it; returns when it listens."""
        program = [*self._inside, find_program("mosquitto", "mosquitto"), "-c", str(self.folder / CONF)]
        self._process = self._stack.enter_context(running(program, self.log))
        wait_for(lambda: b" running" in self.log.read_bytes(), self._process, "mosquitto", self.log)

    def kill(self) -> None:
        """Kill it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def wipe(self) -> None:
        """Empty its disk, while it is down: what it kept is gone."""
        assert self._process is not None
        assert self._process.poll() is not None
        shutil.rmtree(self._state)
        self._state.mkdir(mode=0o700)
        self.give()

    def reread(self) -> None:
        """Have it read accounts, rights and certificates again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it."""
        self._stack.close()

    def at(self, user: str, name: str, password: str | None = None) -> Broker:
        """Return how somebody connects; password: None for what the folder knows of the centre and of readers."""
        secret = password or (self.folder / f"{user}.password").read_text().strip()
        tls = Tls(self.folder / AUTHORITY).context()
        return Broker(self._hosts[0], self.port, name, user, secret, tls)

    def centre(self, name: str = "centre") -> Broker:
        """Return how the centre connects."""
        return self.at(CENTRE, name)


@contextmanager
def own_broker(readers: Sequence[str] = ()) -> Iterator[OwnBroker]:
    """Run a broker on loopback, by what `noc broker config` writes; its folder can be entered by its user."""
    folder = Path(tempfile.mkdtemp(prefix="nocmqtt"))
    folder.chmod(0o755)
    made = OwnBroker(folder, ("127.0.0.1",), free_port(socket.SOCK_STREAM))
    try:
        made.write(readers)
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
