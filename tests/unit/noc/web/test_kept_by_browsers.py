"""A page is shown whatever browsers keep for its host: of noc before, of other ports, of other programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, House, build

PAGE = "/devices/nbo-rtr-1"
COOKIES = (
    "noc_zone=Mars/Olympus",
    "noc_zone=; noc_lite=; noc_language=",
    "noc_zone=%00%ff; noc_lite=%; noc_language=../../etc",
    'noc_zone="un\\"closed; a=b',
    "noc_zone=Africa/Nairobi; noc_zone=UTC; =; ;;; x",
    "noc_session_1=gone; noc_wall_1=gone; noc_provider_1=x",
    # Each port has cookies of its own, and all ports of localhost get all of them.
    "; ".join(f"noc_session_{port}={'x' * 43}" for port in range(40_000, 40_300)),
)
ADDRESSES = (
    "?zone=Mars/Olympus&range=99y&sensor=none&interface=Gi9/9&lite=2",
    "?zone=&range=&sensor=&interface=&page=x",
    "?zone=site&unheard=of&zone=UTC",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await build(tmp_path, FREE_PORT, lambda sources: routes(sources, WebPages(sources)))
    await house.log_in()
    yield house
    await house.stack.aclose()


async def test_no_cookie_and_no_liking_of_an_address_is_answered_as_wrong(house: House) -> None:
    own = "; ".join(f"{name}={value}" for name, value in house.cookies().items())
    for kept, asked in [*((kept, "") for kept in COOKIES), *(("a=b", asked) for asked in ADDRESSES)]:
        for refresh in ("", f"HX-Request: true\r\nHX-Current-URL: {house.url}{PAGE}\r\n"):
            head = f"GET {PAGE}{asked} HTTP/1.1\r\nHost: 127.0.0.1:{house.server.port}\r\nConnection: close\r\n"
            answer = await house.raw(f"{head}Cookie: {kept}; {own}\r\n{refresh}\r\n")
            assert answer.startswith("HTTP/1.1 200 "), (kept[:60], asked, refresh, answer[:1000])
