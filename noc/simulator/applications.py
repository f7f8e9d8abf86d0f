"""The applications of the demo, at the wire on loopback: mail, ERP, service desk and documents in two data centres."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from ssl import SSLContext
from typing import Final

from noc.clock import Clock
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.simulator.appcertificate import identity
from noc.simulator.appservers import NameServer, TimeServer, bounded, mail, web
from noc.simulator.appstory import APPLICATIONS, cut_off, failing, home_first
from noc.simulator.faults import Story
from noc.simulator.world import World

ZONE: Final = "demo.example.org."
CERTIFICATE_FILE: Final = "applications.pem"
ADDRESSES: Final = {"brindisi": "127.61.0.1", "valencia": "127.61.0.2"}
"""What the name server answers for an application that is served there."""

_HOST: Final = "127.0.0.1"
_LOOKED_UP_FOR_S: Final = 1.0


class Applications:
    """A service. folder: gets the certificate, to be trusted, and its key. quiet: nothing fails by itself.

    ports: by name, such as `erp-brindisi`; filled by the start.
    """

    def __init__(self, world: World, story: Story, clock: Clock, folder: Path, *, quiet: bool) -> None:
        self._world = world
        self._story = story
        self._clock = clock
        self._folder = folder
        self._quiet = quiet
        self._by_hand: set[tuple[str, str]] = set()
        self._cut: frozenset[str] = frozenset()
        self._looked_s = -1.0
        self._begins_ms = story.begins_ms
        self._stack = AsyncExitStack()
        self.places = tuple(place for place in ADDRESSES if place in world.place)
        self.ports: dict[str, int] = {}

    def tour_from(self, begins_ms: int) -> None:
        """Let the story's tour begin at a moment, and the rounds of failures with it."""
        self._story.tour_from(begins_ms)
        self._begins_ms = begins_ms

    async def start(self) -> None:
        """Listen."""
        known = await asyncio.to_thread(identity, self._folder, self._clock.now())
        await asyncio.to_thread((self._folder / CERTIFICATE_FILE).write_bytes, known.certificate)
        for place in self.places:
            for key in APPLICATIONS:
                secure = known.context if key == "erp" else None
                await self._listen(f"{key}-{place}", web(self._page(key, place)), secure)
            works = self._working("mail", place)
            await self._listen(f"smtp-{place}", mail(f"mail.{place}.{ZONE.rstrip('.')}", works))
            await self._tell_names(f"dns-{place}")
            await self._tell_time(f"ntp-{place}", place)
        for key in APPLICATIONS:
            await self._listen(key, web(self._front(key)), known.context if key == "erp" else None)

    async def stop(self) -> None:
        """Listen no more."""
        await self._stack.aclose()

    def fail(self, application: str, place: str) -> None:
        """Let an application fail at a place until it is restored. Raises UsageError."""
        self._by_hand.add(self._known(application, place))

    def restore(self, application: str, place: str) -> None:
        """End what was done by hand. Raises UsageError."""
        self._by_hand.discard(self._known(application, place))

    def works(self, application: str, place: str) -> bool:
        """Return whether an application answers at a place now."""
        now_ms, now_s = to_ms(self._clock.now()), self._clock.monotonic()
        if self._looked_s < 0 or now_s - self._looked_s >= _LOOKED_UP_FOR_S:
            self._cut, self._looked_s = cut_off(self._world, self._story, now_ms), now_s
        by_rounds = failing(now_ms, self._begins_ms, quiet=self._quiet)
        return place not in self._cut and (application, place) not in by_rounds | self._by_hand

    def serving(self, application: str) -> str | None:
        """Return the place that serves an application now: its home where it works, else another."""
        places = (place for place in home_first(application) if place in self.places)
        return next((place for place in places if self.works(application, place)), None)

    def _known(self, application: str, place: str) -> tuple[str, str]:
        if application not in APPLICATIONS or place not in self.places:
            known = ", ".join(APPLICATIONS), ", ".join(self.places)
            raise UsageError(f"no application '{application}' at '{place}'; there are {known[0]} at {known[1]}")
        return application, place

    def _working(self, application: str, place: str) -> Callable[[], bool]:
        return lambda: self.works(application, place)

    def _page(self, application: str, place: str) -> Callable[[], tuple[int, dict[str, str], str]]:
        def page() -> tuple[int, dict[str, str], str]:
            if not self.works(application, place):
                return 503, {}, "SIMULATED: it fails here\n"
            return 200, {"X-Served-By": place}, f"SIMULATED {APPLICATIONS[application]}: OK, served from {place}\n"

        return page

    def _front(self, application: str) -> Callable[[], tuple[int, dict[str, str], str]]:
        def page() -> tuple[int, dict[str, str], str]:
            place = self.serving(application)
            return (503, {}, "SIMULATED: it fails everywhere\n") if place is None else self._page(application, place)()

        return page

    async def _listen(
        self,
        name: str,
        talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object],
        tls: SSLContext | None = None,
    ) -> None:
        server = await asyncio.start_server(bounded(talk), _HOST, 0, ssl=tls)  # type: ignore[arg-type]
        self._stack.callback(server.close)
        self.ports[name] = server.sockets[0].getsockname()[1]

    async def _tell_names(self, name: str) -> None:
        def names() -> dict[str, str]:
            serving = {key: self.serving(key) for key in APPLICATIONS}
            return {f"{key}.{ZONE}": ADDRESSES[place] for key, place in serving.items() if place is not None}

        def serial() -> int:
            return to_ms(self._clock.now()) // 60_000  # a minute ago there was another zone

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: NameServer(ZONE, names, serial), local_addr=(_HOST, 0)
        )
        self._stack.callback(transport.close)
        self.ports[name] = transport.get_extra_info("sockname")[1]

    async def _tell_time(self, name: str, place: str) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: TimeServer(self._clock, self._working("time", place)), local_addr=(_HOST, 0)
        )
        self._stack.callback(transport.close)
        self.ports[name] = transport.get_extra_info("sockname")[1]
