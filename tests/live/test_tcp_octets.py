"""What the kernel says that a connection to a broker took of its line."""

from __future__ import annotations

import asyncio
import socket

import pytest

from noc.wire.mqtt import Publication, linked
from noc.wire.tcpinfo import crossed, octets_of
from tests.live.mosquitto import own_broker

pytestmark = pytest.mark.live


async def test_a_link_says_what_it_took_with_tls_and_headers() -> None:
    with own_broker() as broker:
        async with asyncio.timeout(30), linked(broker.centre("octets"), ()) as link:
            begun = link.crossed
            assert begun is not None
            assert begun > 1_500  # handshakes of TCP, TLS and MQTT
            await link.publish(Publication("noc/v1/x", bytes(100_000)))
            done = link.crossed
            assert done is not None
            assert 100_000 < done - begun < 104_000
        assert link.crossed is None


def test_what_is_no_tcp_connection_tells_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        assert crossed(other) is None
    assert octets_of(bytes(100), socket.AF_INET) is None
    assert octets_of(bytes(300), socket.AF_UNIX) is None
