"""Tokens of scripts: made, shown once, revoked; each of it in the audit."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from noc.access.callers import digest_of
from noc.access.people import Acting
from noc.clock import Clock
from noc.model.account import RIGHTS, ApiToken, Right, Role
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.state import apitokens, auditlog
from noc.state.auditlog import Done
from noc.state.database import Database

PREFIX: Final = "noc_"
"""With which each begins, so that scanners for secrets in source code can tell it."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token that somebody wants. rights: fewer than the role's; None: all of them. lives_ms: None: it doesn't end."""

    name: str
    role: Role
    regions: frozenset[str] | None = None
    rights: frozenset[Right] | None = None
    speaks_for: bool = False
    lives_ms: int | None = None


class Scripts:
    """All that is done with tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def everyone(self) -> tuple[ApiToken, ...]:
        """Return all tokens, by name, also those that are over. Raises StateError."""
        async with self._database.read() as connection:
            return await apitokens.everyone(connection)

    async def add(self, wanted: Wanted, by: Acting) -> tuple[ApiToken, str]:
        """Return a token, and its secret, which nobody can read again. Raises UsageError, ConflictError, StateError."""
        if _NAME.fullmatch(wanted.name) is None:
            raise UsageError(f"'{wanted.name[:60]}' is no name of a token: small letters, digits, . _ @ + -")
        beyond = (wanted.rights or frozenset()) - RIGHTS[wanted.role]
        if beyond:
            raise UsageError(f"the role {wanted.role} hasn't the right to {' or to '.join(sorted(beyond))}")
        secret, now_ms = PREFIX + secrets.token_urlsafe(32), to_ms(self._clock.now())
        async with self._database.write() as connection:
            made = await apitokens.add(
                connection,
                wanted.name,
                digest_of(secret),
                wanted.role,
                wanted.regions,
                rights=wanted.rights,
                speaks_for=wanted.speaks_for,
                expires_ms=None if wanted.lives_ms is None else now_ms + wanted.lives_ms,
                by=by.who,
                now_ms=now_ms,
            )
            said = {"token": wanted.name, "role": wanted.role}
            await auditlog.append(connection, Done(now_ms, by.who, by.role, by.way, "token added", 0, by.address, said))
        return made, secret

    async def revoke(self, name: str, by: Acting) -> None:
        """End a token. Raises LookupError where there is none of that name that isn't over, StateError."""
        now_ms = to_ms(self._clock.now())
        async with self._database.write() as connection:
            if not await apitokens.revoke(connection, name, now_ms):
                raise LookupError(f"there is no token '{name}' that isn't revoked")
            done = Done(now_ms, by.who, by.role, by.way, "token revoked", 0, by.address, {"token": name})
            await auditlog.append(connection, done)
