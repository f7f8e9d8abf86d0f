"""A real MQTT broker (Mosquitto) on a free loopback port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.live.conftest import find_program
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
