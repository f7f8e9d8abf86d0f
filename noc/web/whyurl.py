"""Where a page tells why something is what it is. Pure."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from noc.model.part import owner_of


def why_url(entity: str) -> str | None:
    """Return the address that tells why an entity is what it is; None for kinds that have none."""
    kind, _, key = entity.partition("/")
    owner = owner_of(entity)
    if owner is not None:
        return f"/devices/{quote(owner.removeprefix('device/'), safe='')}/why?{urlencode({'of': entity})}"
    return f"/{kind}s/{quote(key, safe='')}/why" if kind in ("device", "circuit") else None
