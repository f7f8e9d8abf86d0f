"""What `noc check` finds wrong with an identity provider, beside the form of its settings."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from noc.access.settings import OidcSettings
from noc.app.includes import Merged
from noc.inventory.inventory import Inventory
from noc.model.finding import Finding, did_you_mean

_AT: Final = ("http", "accounts", "oidc")
_KEY: Final = "http.accounts.oidc"


def wrong_accounts(
    settings: OidcSettings, base_url: str | None, merged: Merged, folder: Path, inventory: Inventory | None
) -> Iterator[Finding]:
    """Yield what is wrong. folder: of noc.yaml. inventory: None: unknown."""
    if settings.ca is not None:
        try:
            ssl.create_default_context(cafile=folder / settings.ca)
        except (OSError, ValueError) as error:
            yield merged.place(*_AT, "ca").finding(f"{_KEY}.ca: no certificates can be read there: {error}")
    for group, opened in settings.regions.items():
        if isinstance(opened, str) or inventory is None:
            continue
        for index, region in enumerate(opened):
            if region not in inventory.regions:
                hint = did_you_mean(region, inventory.regions)
                message = f"{_KEY}.regions.{group}: there is no region '{region}'{hint}"
                yield merged.place(*_AT, "regions", group, index).finding(message)
    if base_url is None and not settings.issuer.startswith("http:"):
        message = f"{_KEY}: give http.base_url; the provider sends people back to BASE_URL/login/provider/back"
        yield merged.place(*_AT).finding(message)
