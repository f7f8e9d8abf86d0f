"""Copies of configurations in the state database: each version once, the oldest given up; and how old the last one is.

Texts are masked before they come here (noc/pipeline/configtext.py): what isn't kept can't be stolen (docs/adr).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from noc.state.database import Transaction
from noc.state.tables import configuration, configuration_backup

_ERROR_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a device's configuration. first_ms, last_ms: when it was first and last fetched.

    changed, author: as the device tells, None where it doesn't. lines: of its text.
    """

    id: int
    device: str
    digest: bytes
    first_ms: int
    last_ms: int
    changed: str | None
    author: str | None
    lines: int


@dataclass(frozen=True, slots=True)
class BackupState:
    """How the copies of a device go. first_ms: the first try; good_ms: the last good one, None: there was none.

    error: of the last try; empty where it was good.
    """

    device: str
    first_ms: int
    tried_ms: int
    good_ms: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A copy that was fetched."""

    text: str
    digest: bytes
    changed: str | None
    author: str | None


async def keep(connection: Transaction, device: str, copy: Fetched, now_ms: int, versions_at_most: int) -> bool:
    """Note a good copy; return whether it is a new version. The oldest versions beyond the bound go."""
    await _tried(connection, device, now_ms, good_ms=now_ms, error="")
    newest = (
        select(configuration.c.id, configuration.c.digest)
        .where(configuration.c.device == device)
        .order_by(configuration.c.id.desc())
        .limit(1)
    )
    known = (await connection.execute(newest)).first()
    if known is not None and known.digest == copy.digest:
        same = update(configuration).where(configuration.c.id == known.id).values(last_ms=now_ms)
        await connection.execute(same)
        return False
    await connection.execute(
        insert(configuration).values(
            device=device,
            digest=copy.digest,
            first_ms=now_ms,
            last_ms=now_ms,
            changed=copy.changed,
            author=copy.author,
            lines=copy.text.count("\n") + 1,
            body=zlib.compress(copy.text.encode("utf-8", "surrogatepass"), 9),
        )
    )
    kept = (
        select(configuration.c.id)
        .where(configuration.c.device == device)
        .order_by(configuration.c.id.desc())
        .limit(versions_at_most)
    )
    await connection.execute(
        delete(configuration).where(configuration.c.device == device, configuration.c.id.not_in(kept))
    )
    return True


async def failed(connection: Transaction, device: str, now_ms: int, error: str) -> None:
    """Note a copy that could not be fetched, and why."""
    await _tried(connection, device, now_ms, good_ms=None, error=error[:_ERROR_AT_MOST])


async def states(connection: Transaction) -> dict[str, BackupState]:
    """Return how the copies of each device go, by its id."""
    found = await connection.execute(select(configuration_backup).order_by(configuration_backup.c.device))
    return {row.device: BackupState(row.device, row.first_ms, row.tried_ms, row.good_ms, row.error) for row in found}


async def versions(connection: Transaction, device: str, limit: int, before: int | None = None) -> list[Version]:
    """Return versions of a device, the newest first. before: only those of a smaller id."""
    columns = [column for column in configuration.c if column.name != "body"]
    wanted = select(*columns).where(configuration.c.device == device)
    if before is not None:
        wanted = wanted.where(configuration.c.id < before)
    rows = await connection.execute(wanted.order_by(configuration.c.id.desc()).limit(limit))
    return [
        Version(row.id, row.device, row.digest, row.first_ms, row.last_ms, row.changed, row.author, row.lines)
        for row in rows
    ]


async def text_of(connection: Transaction, device: str, version: int) -> str | None:
    """Return the text of a version of a device; None where there is no such."""
    wanted = select(configuration.c.body).where(configuration.c.device == device, configuration.c.id == version)
    body = (await connection.execute(wanted)).scalar_one_or_none()
    return None if body is None else zlib.decompress(body).decode("utf-8", "surrogatepass")


async def count(connection: Transaction, device: str) -> int:
    """Return how many versions are kept of a device."""
    wanted = select(func.count()).select_from(configuration).where(configuration.c.device == device)
    return int((await connection.execute(wanted)).scalar_one())


async def _tried(connection: Transaction, device: str, now_ms: int, good_ms: int | None, error: str) -> None:
    values: dict[str, int | str] = {"tried_ms": now_ms, "error": error}
    if good_ms is not None:
        values["good_ms"] = good_ms
    done = await connection.execute(
        update(configuration_backup).where(configuration_backup.c.device == device).values(values)
    )
    if done.rowcount == 0:
        await connection.execute(insert(configuration_backup).values(device=device, first_ms=now_ms, **values))
