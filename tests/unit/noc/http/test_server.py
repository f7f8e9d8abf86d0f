"""The server: where it listens, what it refuses, what every answer carries, what the log holds."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from noc.http.rights import Route
from noc.http.server import FIRST_REQUEST_S, Server
from noc.http.settings import HttpSettings
from noc.http.sources import Sources
from noc.model.errors import NocError, StoreError
from noc.service import running
from noc.state.database import StateError
from tests.unit.noc.http.house import FREE_PORT, House, build, is_problem, plain_routes


async def test_a_port_in_use_is_told_with_its_remedy(house: House, tmp_path: Path) -> None:
    other = tmp_path / "other"
    settings = HttpSettings(port=house.server.port)
    with pytest.raises(NocError, match=rf"127\.0\.0\.1 port {house.server.port} is in use .* set another http: port:"):
        await build(other, settings)


async def test_an_address_of_another_machine_is_told(tmp_path: Path) -> None:
    with pytest.raises(NocError, match=r"192\.0\.2\.1 port 0: this machine doesn't have the address"):
        await build(tmp_path, HttpSettings(listen="192.0.2.1", port=0))


async def test_a_server_starts_again_after_a_stop(house: House) -> None:
    port = house.server.port
    await house.server.stop()
    assert house.server.port == 0
    await house.server.start()
    assert house.server.port != 0
    assert port != 0
    async with house.http.get(f"{house.url}/healthz") as response:
        assert response.status == 200


async def test_it_listens_on_ipv6_too(tmp_path: Path) -> None:
    house = await build(tmp_path, HttpSettings(listen="::1", port=0), plain_routes)
    assert house.announced[0].startswith(f"http://[::1]:{house.server.port}/?token=")
    await house.log_in()
    await house.stack.aclose()


async def test_a_connection_too_many_is_refused_and_counted(tmp_path: Path) -> None:
    house = await build(tmp_path, HttpSettings(port=0, max_connections=10), plain_routes)
    held = [await asyncio.open_connection("127.0.0.1", house.server.port) for _ in range(10)]
    answer = await house.raw("")
    assert answer.startswith("HTTP/1.1 503 ")
    assert house.server.refused == 1
    for _, writer in held:
        writer.close()
        await writer.wait_closed()
    async with house.http.get(f"{house.url}/healthz") as response:
        assert response.status == 200
    await house.stack.aclose()


async def test_who_asks_nothing_gives_his_place_back(tmp_path: Path) -> None:
    house = await build(tmp_path, HttpSettings(port=0, max_connections=10), plain_routes)
    async with house.http.get(f"{house.url}/healthz") as response:
        assert response.status == 200  # and keeps its connection
    held = [await asyncio.open_connection("127.0.0.1", house.server.port) for _ in range(9)]
    for number, (_, writer) in enumerate(held):
        writer.write(b"GET /healthz HTTP/1.1\r\nX-Slow: "[: number * 5])
    assert (await house.raw("")).startswith("HTTP/1.1 503 ")
    await house.clock.advance(FIRST_REQUEST_S)
    async with asyncio.timeout(5):
        for reader, writer in held:
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
    async with house.http.get(f"{house.url}/healthz") as response:
        assert response.status == 200
    await house.stack.aclose()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:9", 200),
        ("noc.localhost", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.0.2.1", 421),
        ("", 421),
        ("[", 421),
        ("a" * 300, 421),
    ],
)
async def test_on_loopback_only_hosts_of_this_machine_are_answered(house: House, host: str, status: int) -> None:
    async with house.http.get(f"{house.url}/healthz", headers={"Host": host}) as response:
        assert response.status == status


async def test_behind_a_proxy_its_name_is_answered_and_cookies_are_secure(tmp_path: Path) -> None:
    house = await build(tmp_path, HttpSettings(port=0, base_url="https://noc.example.org"), plain_routes)
    assert house.announced[0].startswith("https://noc.example.org/?token=")
    local, host = f"http://127.0.0.1:{house.server.port}", {"Host": "noc.example.org"}
    url = f"{local}/?token={house.token}"
    async with house.http.get(url, headers=host, allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-noc_session")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    sent = {**host, "Cookie": cookie.partition(";")[0]}
    for origin, status in (("https://noc.example.org", 200), ("https://noc.example.org.evil", 403)):
        headers = {**sent, "Origin": origin}
        async with house.http.post(f"{local}/take", headers=headers) as response:
            assert response.status == status
    # A proxy on this machine makes everybody look as if on loopback.
    async with house.http.get(f"{local}/metrics", headers=host) as response:
        assert response.status == 401
    await house.stack.aclose()


@pytest.mark.parametrize("path", ["/healthz", "/login", "/none", "/fail", "/api/v1/none", "/api/v1/fail", "/live"])
async def test_every_answer_is_careful(house: House, path: str) -> None:
    await house.log_in()
    async with house.http.get(house.url + path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Server"] == "noc"


@pytest.mark.parametrize("path", ["/fail", "/api/v1/fail"])
async def test_a_fault_of_ours_is_logged_with_a_number_and_shows_nothing(
    house: House, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.http.get(f"{house.url}{path}?x=secret", headers=house.bearer) as response:
        text = await response.text()
        assert response.status == 500
        assert is_problem(response) == path.startswith("/api/")
    assert "insides" not in text
    assert "ZeroDivision" not in text
    (number,) = re.findall(r"\b[0-9a-f]{8}\b", text)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert number in record.getMessage()
    assert "?x=secret" not in record.getMessage()


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/take", 405), ("/sites/..%2f..%2fetc%2fpasswd", 200)])
async def test_errors_of_pages_are_pages(house: House, path: str, status: int) -> None:
    await house.log_in()
    async with house.http.get(house.url + path) as response:
        assert (response.status, response.content_type.startswith("text/")) == (status, True)


async def test_errors_of_the_api_are_problem_documents(house: House) -> None:
    answer = await house.asks("/api/v1/none", status=404)
    assert answer == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at this address",
    }
    assert (await house.asks("/api/v1/take", status=405))["title"] == "Method Not Allowed"
    assert (await house.asks("/api/v1/take", method="POST", data=b"x" * 1_000_001, status=413))["status"] == 413
    assert await house.asks("/api/v1/take", method="POST", data=b"x" * 1_000_000) == 1_000_000
    assert (await house.asks("/api/v1/none", bearer=False, status=401))["title"] == "Unauthorized"
    wrong = {"Authorization": "Bearer nonsense"}
    assert "not known" in str((await house.asks("/api/v1/none", bearer=False, headers=wrong, status=401))["detail"])


@pytest.mark.parametrize(
    ("error", "wait"),
    [(StoreError("http://influx/?token=1 is away", 12.3), "12"), (StoreError("x"), "5"), (StateError("/x: full"), "5")],
)
async def test_a_store_that_is_away_is_told_with_when_to_come_again(tmp_path: Path, error: NocError, wait: str) -> None:
    def makers(_: Sources) -> list[Route]:
        async def ask(_: web.Request) -> web.Response:
            raise error

        return [Route("GET", "/api/v1/ask", ask, "see"), Route("GET", "/ask", ask, "see")]

    house = await build(tmp_path, FREE_PORT, makers)
    answer = await house.asks("/api/v1/ask", status=503)
    assert "/x" not in str(answer)
    assert "token=1" not in str(answer)
    async with house.http.get(f"{house.url}/ask", headers=house.bearer) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, wait)
    await house.stack.aclose()


async def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    def makers(_: Sources) -> list[Route]:
        async def wait(_: web.Request) -> web.Response:
            await asyncio.Event().wait()
            return web.Response()

        return [Route("GET", "/api/v1/wait", wait, "see")]

    house = await build(tmp_path, HttpSettings(port=0, request_timeout=timedelta(milliseconds=20)), makers)
    assert "took longer than 0.02 s" in str((await house.asks("/api/v1/wait", status=503))["detail"])
    await house.stack.aclose()


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /" + "x" * 9_000 + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y" * 40_000 + "\r\n\r\n",
        "GET / HTTP/1.1\r\n" + "".join(f"X-{n}: y\r\n" for n in range(300)) + "\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".decode("latin-1"),
    ],
)
async def test_malformed_requests_are_refused_and_the_server_lives(house: House, request_text: str) -> None:
    answer = await house.raw(request_text)
    assert re.match(r"HTTP/1\.[01] 4", answer), answer
    head, _, body = answer.partition("\r\n\r\n")
    assert "Content-Type: application/problem+json" in head
    assert "Server: noc" in head
    assert "X-Content-Type-Options: nosniff" in head
    document = json.loads(body)
    assert document["status"] == int(answer.split()[1])
    assert document["title"] == HTTPStatus(document["status"]).phrase
    assert "the request can't be read as HTTP" in document["detail"]
    assert not re.search("xxx|yyy|nonsense", document["detail"])
    async with house.http.get(f"{house.url}/healthz") as response:
        assert response.status == 200


async def test_no_log_holds_a_token(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = [house.token]
    await house.log_in()
    tokens.append(house.token)
    async with ClientSession() as http:
        async with http.get(f"{house.url}/?token={tokens[0]}") as response:
            assert response.status == 401
        async with http.get(f"{house.url}/api/v1/none", headers=house.bearer) as response:
            assert response.status == 404
    await house.raw(f"GET /?token={tokens[1]} HTTP/9.9\r\n\r\n")
    text = caplog.text
    assert "GET / 303" in text
    assert "GET /api/v1/none 404" in text
    assert [token for token in tokens if token in text] == []


async def test_nobody_writes_lines_into_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with house.http.get(f"{house.url}/a%0d%0aERROR%20faked", headers=house.bearer) as response:
        assert response.status == 404
    assert "/a%0D%0AERROR%20faked 404" in caplog.text


async def test_stopping_lets_a_running_request_end(tmp_path: Path) -> None:
    reached, go = asyncio.Event(), asyncio.Event()

    def makers(_: Sources) -> list[Route]:
        async def wait(_: web.Request) -> web.Response:
            reached.set()
            await go.wait()
            return web.json_response({"done": True})

        return [Route("GET", "/api/v1/wait", wait, "see")]

    house = await build(tmp_path, FREE_PORT, makers)
    asking = asyncio.create_task(house.asks("/api/v1/wait"))
    await reached.wait()
    stopping = asyncio.create_task(house.server.stop())
    go.set()
    assert await asking == {"done": True}
    await stopping
    await house.stack.aclose()


async def test_the_server_is_a_service(tmp_path: Path) -> None:
    house = await build(tmp_path, FREE_PORT)
    await house.server.stop()
    async with running([house.server]):
        assert house.server.port
    await house.stack.aclose()


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (HttpSettings(listen="0.0.0.0", port=81), "http://127.0.0.1:81"),
        (HttpSettings(listen="::", port=81), "http://[::1]:81"),
        (HttpSettings(base_url="https://noc.example.org/"), "https://noc.example.org"),
    ],
)
async def test_the_url_is_one_that_a_browser_can_open(house: House, settings: HttpSettings, url: str) -> None:
    server = Server(settings, house.server._sources, [], house.server.hub, house.telemetry, print)
    assert server.url == url


NO_PAGES = [
    ("/healthz", {"Host": "evil.example"}, 421),
    ("/readyz", {"Host": "evil.example"}, 421),
    ("/favicon.ico", {"Host": "evil.example"}, 421),
    ("/static/noc.css", {"Host": "evil.example"}, 421),
    ("/live", {}, 401),
    ("/metrics", {"Via": "1.1 proxy"}, 401),
    ("/api", {}, 401),
    ("/static/none.css", {}, 404),
]


@pytest.mark.parametrize(("path", "headers", "status"), NO_PAGES)
async def test_errors_at_addresses_that_are_no_pages_are_problem_documents(
    house: House, path: str, headers: dict[str, str], status: int
) -> None:
    async with house.http.get(house.url + path, headers=headers) as response:
        assert (response.status, is_problem(response)) == (status, True)
        assert (await response.json(content_type=None))["status"] == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/live"])
async def test_a_wrong_method_there_is_a_problem_document_too(house: House, path: str) -> None:
    async with house.http.post(house.url + path, headers=house.bearer) as response:
        assert (response.status, is_problem(response), response.headers["Allow"][:3]) == (405, True, "GET")


async def test_a_foreign_host_sees_a_page_where_people_look(house: House) -> None:
    async with house.http.get(house.url, headers={"Host": "evil.example"}) as response:
        assert (response.status, response.content_type) == (421, "text/html")
