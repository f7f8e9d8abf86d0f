"""End points in plans of pollers: what is asked of them, with the secrets and the authorities that it takes.

How they are judged stays at the centre; a poller only needs to know what to ask, and how long to wait. A secret of one
header is a file of the plan, and so are certificates that are trusted instead of the system's: by what is in them, so
that the same ones keep their name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

from noc.inventory.endpoints import Endpoint, HttpProbe, TlsProbe
from noc.model.errors import UsageError
from noc.settings.schema import format_duration
from noc.settings.yamltext import SECRET_KEY

AUTHORITIES: Final = "authorities"
AUTHORITY_AT_MOST: Final = 512 * 1024
"""Octets of certificates that one end point trusts: a plan crosses a thin line."""

_NAME_OCTETS: Final = 8

Written = str | int | float | list["Written"] | dict[str, "Written"]
"""What a plan's files are written of."""


def endpoint_files(endpoints: Iterable[Endpoint], folder: Path, files: dict[str, bytes]) -> dict[str, Written]:
    """Return end points as a plan's inventory has them, by id; the files that they need are added to `files`.

    folder: of noc.yaml. Raises SecretError, and UsageError where certificates can't be sent.
    """
    return {one.id: dict(_written(one, folder, files)) for one in sorted(endpoints, key=lambda one: one.id)}


def authority(endpoint: Endpoint, folder: Path) -> bytes | None:
    """Return the certificates that an end point trusts; None: the system's. Raises UsageError."""
    probe = endpoint.probe
    if not isinstance(probe, HttpProbe | TlsProbe) or probe.ca_file is None:
        return None
    path = folder / probe.ca_file
    try:
        octets = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: can't be read for the plans of pollers: {reason}") from error
    if len(octets) > AUTHORITY_AT_MOST:
        raise UsageError(
            f"{path}: {len(octets):,} octets are too much for plans of pollers, {AUTHORITY_AT_MOST:,} at most are "
            f"sent; write a file with the authorities alone that signed for {endpoint.entity}"
        )
    return octets


def _written(endpoint: Endpoint, folder: Path, files: dict[str, bytes]) -> Iterator[tuple[str, Written]]:
    yield "name", endpoint.name
    yield "site", endpoint.site
    yield endpoint.kind, _probe(endpoint, folder, files)
    watch = endpoint.watch
    for name in ("interval", "timeout", "stale_after", "skew"):
        yield name, format_duration(getattr(watch, name))
    for name in ("retries", "confirm_down", "confirm_up"):
        yield name, getattr(watch, name)


def _probe(endpoint: Endpoint, folder: Path, files: dict[str, bytes]) -> Written:
    said: dict[str, Written] = endpoint.probe.model_dump(mode="json", exclude={"headers", "ca_file"}, exclude_none=True)
    headers: dict[str, Written] = {}
    for name, ref in sorted(endpoint.headers.items()):
        path = f"secrets/{sum(one.startswith('secrets/') for one in files)}"
        files[path] = ref.resolve(folder).reveal().encode()
        headers[name] = {SECRET_KEY: f"file:{path}"}
    octets = authority(endpoint, folder)
    if octets is not None:
        path = f"{AUTHORITIES}/{blake2b(octets, digest_size=_NAME_OCTETS).hexdigest()}.pem"
        files[path] = octets
        said["ca_file"] = path
    return {**said, "headers": headers} if headers else said
