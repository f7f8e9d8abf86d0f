"""A knock on loopback, and what the kernel's words about ICMP mean."""

from __future__ import annotations

import socket

import pytest

from noc.wire.knock import answer_of, knock, own_address

ICMP, ICMP6 = 2, 3
WALL, HERE = "10.0.0.254", "10.9.0.1"


@pytest.mark.parametrize(
    ("origin", "kind", "code", "by", "answer"),
    [
        (ICMP, 3, 13, WALL, "prohibited"),
        (ICMP, 3, 9, WALL, "prohibited"),
        (ICMP, 3, 13, HERE, "prohibited"),
        (ICMP, 3, 3, WALL, "prohibited"),
        (ICMP, 3, 3, HERE, "refused"),
        (ICMP, 3, 1, WALL, "unreachable"),
        (ICMP, 11, 0, WALL, "unreachable"),
        (ICMP6, 1, 1, "2001:db8::fe", "prohibited"),
        (ICMP6, 1, 0, "2001:db8::fe", "unreachable"),
        (ICMP6, 3, 0, "2001:db8::fe", "unreachable"),
    ],
)
def test_what_icmp_says(origin: int, kind: int, code: int, by: str, answer: str) -> None:
    address = HERE if origin == ICMP else "2001:db8:9::1"
    assert answer_of(origin, kind, code, by, address) == answer


async def test_a_port_that_listens_is_open_and_hears_of_no_more_than_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert await knock("127.0.0.1", port, 5) == ("open", "127.0.0.1", "127.0.0.1")


async def test_a_port_that_is_closed_answers_by_reset() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert await knock("127.0.0.1", port, 5) == ("reset", "127.0.0.1", "127.0.0.1")


def test_our_own_address_is_that_of_the_way_there() -> None:
    assert own_address("127.0.0.2") == "127.0.0.1"
