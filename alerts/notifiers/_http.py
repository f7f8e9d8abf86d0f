"""What notifiers over HTTP have in common: one request, one answer, and what that means. Not a notifier itself.

A connection of its own for each message, so that one that is cut off leaves nothing behind. No redirect is followed,
no more than 64 KiB of an answer are read, and this machine is not gone to unless that is written.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote, quote_plus

from pydantic import AfterValidator, PlainSerializer, PlainValidator

from alerts.messages import clean
from alerts.notifiers._ports import NotifyError
from noc.clock import Clock
from noc.model.errors import UsageError
from noc.model.reading import FailureKind
from noc.service import running
from noc.settings.schema import Duration, Settings
from noc.settings.secrets import Secret
from noc.wire.errors import WireError
from noc.wire.http import HttpAnswer, HttpClient, HttpRequest, LostAnswerError, Tls, origin, retry_after_s
from noc.wire.outward import Network, Outward, parse_network

ANSWER_AT_MOST: Final = 64 * 1024
SAID_AT_MOST: Final = 200
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BUSY_S: Final = 5.0
"""How long a server is left alone that is busy and doesn't say for how long."""

_URL: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?][^\s#]*)?\Z")

AllowedNetwork = Annotated[Network, PlainValidator(parse_network), PlainSerializer(str, return_type=str)]
"""A network, `10.1.0.0/16`, or one address."""


def parse_url(text: str) -> str:
    """Return the address of a web server, `https://gateway.example.org/send`. Raises ValueError."""
    if _URL.match(text) is None:
        raise ValueError("this is not the address of a web server; write https://gateway.example.org/send")
    return text


Url = Annotated[str, AfterValidator(parse_url)]
"""https:// or http://, a name or address without a log-in, and a path."""


class HttpSettings(Settings):
    """Settings that all notifiers over HTTP share."""

    timeout: Duration = timedelta(seconds=10)
    """How long it may take until the answer is complete."""
    ca: Path | None = None
    """File with the certificates (PEM) that the server's is checked against. Default: the system's."""
    allow_networks: tuple[AllowedNetwork, ...] = ()
    """Networks on this machine or its link that may be gone to: 127.0.0.1, 169.254.7.0/24. Default: none. All others
    may be."""


def is_private(url: str) -> bool:
    """Tell whether nobody on the way can read what goes to a URL: it is encrypted, or stays on this machine."""
    return url.startswith("https://") or origin(url).removeprefix("http://").startswith(("127.", "[::1]", "localhost"))


class Counter:
    """Where messages are handed in: one server, of which no more is asked than it wants.

    folder: where a relative `ca` starts from. secrets: what is not to be told, wherever an answer repeats it.
    """

    def __init__(self, settings: HttpSettings, folder: Path, clock: Clock, secrets: Collection[Secret] = ()) -> None:
        self._tls = Tls(None if settings.ca is None else folder / settings.ca)
        self._timeout_s = settings.timeout.total_seconds()
        self._outward = Outward(settings.allow_networks)
        self._clock = clock
        self._secrets = tuple(secrets)
        self._closed_until_s: float | None = None

    async def hand_in(self, request: HttpRequest, refused: Collection[int] = ()) -> HttpAnswer:
        """Send a request; return its answer, where it is one of success.

        refused: status codes by which the server says that it will never take this. Raises NotifyError.
        """
        server = origin(request.url)
        self._wait_for_its_turn(server)
        try:
            # Without a pool there is nothing to keep, and nothing to close when noc reloads its settings.
            client = HttpClient(self._tls.context(), self._timeout_s, 1, self._outward)
            async with running([client]):
                answer = await client.ask(request, ANSWER_AT_MOST)
        except UsageError as error:
            raise NotifyError(clean(str(error))) from error
        except WireError as error:
            lost = isinstance(error, LostAnswerError) or error.kind is FailureKind.TIMEOUT
            raise NotifyError(clean(str(error)), unknown=lost) from None
        self._judge(server, answer, refused, request)
        return answer

    def _wait_for_its_turn(self, server: str) -> None:
        left_s = 0.0 if self._closed_until_s is None else self._closed_until_s - self._clock.monotonic()
        if left_s > 0:
            raise NotifyError(f"{server} asked not to be asked for {left_s:.0f} s more")
        self._closed_until_s = None

    def _judge(self, server: str, answer: HttpAnswer, refused: Collection[int], request: HttpRequest) -> None:
        status = answer.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        wait_s = retry_after_s(answer, self._clock.now())
        if status in BUSY:
            self._closed_until_s = self._clock.monotonic() + (BUSY_S if wait_s is None else wait_s)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise NotifyError(
                f"{server} sends noc elsewhere (status {status}), where it doesn't go; write that address"
            )
        said = self.harmless(answer.text(), request)
        raise NotifyError(f"{server} answers status {status}{said and f': {said}'}", permanent=status in refused)

    def harmless(self, text: str, request: HttpRequest | None = None) -> str:
        """Return the beginning of what a server said: one line, without secrets that it repeats."""
        headers = () if request is None else [value for name, value in request.headers.items() if _is_log_in(name)]
        for secret in sorted((*_written(self._secrets), *headers), key=len, reverse=True):
            text = text.replace(secret, "…")
        return clean(" ".join(text.split()), SAID_AT_MOST)


def _is_log_in(header: str) -> bool:
    return header.lower() in {"authorization", "proxy-authorization", "cookie"}


def _written(secrets: Collection[Secret]) -> set[str]:
    """Return all ways in which a server may repeat secrets."""
    found = set()
    for plain in filter(None, (secret.reveal() for secret in secrets)):
        coded = base64.b64encode(plain.encode()).decode()
        found |= {plain, quote(plain), quote(plain, safe=""), quote_plus(plain), json.dumps(plain)[1:-1], coded}
    return found


def basic(user: str, password: Secret) -> Mapping[str, str]:
    """Return the header of a log-in (RFC 7617)."""
    coded = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {coded}"}
