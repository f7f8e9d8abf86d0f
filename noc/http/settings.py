"""Settings of the web server: `http:` of noc.yaml."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field

from noc.access.settings import AccountSettings
from noc.inventory.values import ByteCount
from noc.settings.schema import Duration, Settings

_BASE_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?\Z")


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError(
            f"'{text[:60]}' is no IP address; write 127.0.0.1 (this machine alone), 0.0.0.0 (all) or one of yours"
        ) from error


def _base_url(text: str) -> str:
    if _BASE_URL.match(text) is None:
        raise ValueError(f"'{text[:60]}' is no base URL; write https://noc.example.org, with a port where it needs one")
    return text.rstrip("/")


class HttpSettings(Settings):
    """The dashboard and the API. Default: for this machine alone; put a proxy with TLS in front for others."""

    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1"
    """IP address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    """TCP port; 0 takes a free one."""
    base_url: Annotated[str, AfterValidator(_base_url)] | None = None
    """How browsers reach it, where that is another address: https://noc.example.org. Needed behind a proxy."""
    session: Duration = timedelta(hours=12)
    """A log-in ends when it wasn't used for so long."""
    session_at_most: Duration = timedelta(days=7)
    """A log-in ends after so long, used or not."""
    accounts: AccountSettings = Field(default_factory=AccountSettings)
    """How people log in."""
    request_timeout: Duration = timedelta(seconds=30)
    """How long a request may take."""
    max_body: ByteCount = 1_000_000
    """How large a request may be."""
    requests_per_minute: Annotated[int, Field(ge=1)] | None = 6_000
    """How often each token of a script may ask; more is answered 429. null: as often as it likes."""
    max_connections: Annotated[int, Field(ge=10, le=100_000)] = 1_000
    """Connections that may be open at once; more are refused."""
