"""Whether the daemon is ready while what isn't itself is away: its pages must not be taken away with it."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live.conftest import free_port
from tests.live.house import House

pytestmark = pytest.mark.live

SETTINGS = """\
store: {{kind: influx, url: 'http://127.0.0.1:{store}', dialect: v1, database: noc}}
pollers:
  broker: {{host: 127.0.0.1, port: {broker}, tls: false}}
  groups: {{east: {{scope: [region/here], from_here: true}}}}
"""


def ready(house: House) -> tuple[int, dict[str, bool]]:
    """Return the status of /readyz, and which parts are well."""
    url, _ = house.login()
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, {part["part"]: part["ok"] for part in json.loads(answer.read())["parts"]}


def test_a_store_and_a_broker_that_are_away_leave_it_ready(tmp_path: Path) -> None:
    store, broker = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)
    house = House(tmp_path, SETTINGS.format(store=store, broker=broker))
    with closing(house):
        house.agent_on()
        house.start()
        house.until(lambda: not ready(house)[1]["store"], "a store that is away")
        house.until(lambda: not ready(house)[1]["pollers"], "pollers that aren't heard")
        status, parts = ready(house)
        assert status == 200
        assert {part for part, ok in parts.items() if not ok} == {"store", "pollers"}
