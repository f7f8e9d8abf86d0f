"""Services: things that are started in order and stopped in reverse."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

log = logging.getLogger(__name__)


class Service(Protocol):
    """A part of the daemon. Its constructor is inert."""

    async def start(self) -> None:
        """Begin to work. Raises NocError with a sentence for the operator when it can't."""
        ...

    async def stop(self) -> None:
        """End, and give everything back. Is called once for each start that succeeded."""
        ...


@asynccontextmanager
async def running(services: Iterable[Service]) -> AsyncIterator[None]:
    """Start services in order; stop those that started in reverse, whatever happens."""
    async with AsyncExitStack() as stack:
        for service in services:
            await service.start()
            stack.push_async_callback(service.stop)
            log.debug("started %s", type(service).__name__)
        yield
