"""People: how they are let in, invited, and changed. Everything that changes is one transaction, with its audit."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.access.callers import digest_of
from noc.access.codes import new_secret, step_of
from noc.access.passwords import Passwords, wrong_with
from noc.access.settings import AccountSettings, SecondFactor
from noc.access.vault import Vault
from noc.clock import Clock
from noc.model.account import RIGHTS, Account, Right, Role
from noc.model.errors import UsageError
from noc.model.instants import length_ms, to_ms
from noc.state import accounts, auditlog, sessions
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction

NAME_AT_MOST: Final = 100
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
LOOK: Final[frozenset[Right]] = frozenset({"see", "own"})
"""What is left of the rights of who has no second factor: enough to set one up."""

LACKING: Final = "you have no second factor yet: set one up under your name, at the top of the page"


@dataclass(frozen=True, slots=True)
class Acting:
    """On whose word something is done, for the audit. way: session, bearer, command."""

    who: str
    role: str = ""
    way: str = "command"
    address: str = ""


class People:
    """All that is done with accounts. folder: of the state."""

    def __init__(self, database: Database, clock: Clock, folder: Path, settings: AccountSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._passwords = Passwords()
        self._vault = Vault(folder)

    async def any_admin(self) -> bool:
        """Return whether somebody administers: until then noc announces a way in. Raises StateError."""
        async with self._database.read() as connection:
            return await accounts.admins(connection) > 0

    async def by_password(
        self, name: str, password: str, code: str, *, passkey_follows: bool = False
    ) -> Account | None:
        """Return who logs in; None: name, password or code is wrong, which of them is nobody's matter.

        passkey_follows: who has passkeys, and tells no code, is asked for one next.
        Raises StateError, UsageError where codes can't be read.
        """
        async with self._database.read() as connection:
            account = await accounts.by_name(connection, folded(name))
            known = None if account is None else await accounts.secrets_of(connection, account.id)
        right = await self._passwords.fits(None if known is None else known.password, password)
        if account is None or known is None or not right or account.disabled_ms is not None:
            return None
        later = passkey_follows and account.passkeys > 0 and not code
        if (
            known.totp is not None
            and not later
            and not await self._use_code(account.id, self._vault.opened(known.totp), code)
        ):
            return None
        if known.password is not None and self._passwords.is_old(known.password):
            async with self._database.write() as connection:
                await accounts.change(connection, account.id, password=await self._passwords.hashed(password))
        return account

    async def is_password(self, account: Account, password: str) -> bool:
        """Return whether a password is somebody's. Raises StateError."""
        async with self._database.read() as connection:
            known = await accounts.secrets_of(connection, account.id)
        return await self._passwords.fits(None if known is None else known.password, password)

    async def add(
        self, name: str, person: str, role: Role, regions: frozenset[str] | None, email: str, by: Acting
    ) -> Account:
        """Make an account, with which nobody can log in before it is invited. Raises UsageError, ConflictError."""
        said = folded(name)
        if _NAME.fullmatch(said) is None:
            raise UsageError(
                f"'{name[:60]}' is no name of an account: letters, digits, . _ @ + -, {NAME_AT_MOST} at most"
            )
        async with self._database.write() as connection:
            made = await accounts.add(
                connection, said, person or name, role, regions, email=email, by=by.who, now_ms=self._now_ms()
            )
            limits = "all" if regions is None else ",".join(sorted(regions))
            await self._record(connection, by, "account added", account=said, role=role, regions=limits)
        return made

    async def invite(self, number: int, by: Acting) -> str:
        """Return the secret of a link with which somebody chooses a password; those before it end.

        Raises LookupError.
        """
        secret, now_ms = secrets.token_urlsafe(32), self._now_ms()
        async with self._database.write() as connection:
            account = await _known(connection, number)
            until_ms = now_ms + length_ms(self._settings.invitation)
            await accounts.invite(connection, number, digest_of(secret), by.who, now_ms, until_ms)
            await self._record(connection, by, "account invited", account=account.name)
        return secret

    async def invited(self, secret: str) -> Account | None:
        """Return whom a link invites; None: it was used, is over, or there is none."""
        async with self._database.read() as connection:
            found = await accounts.invitation(connection, digest_of(secret))
            if found is None or found.used_ms is not None or found.until_ms <= self._now_ms():
                return None
            account = await accounts.get(connection, found.account)
        return None if account is None or account.disabled_ms is not None else account

    async def accept(self, secret: str, password: str, address: str) -> Account:
        """Choose a password by a link. Raises UsageError where it isn't taken, or the link is over."""
        account = await self.invited(secret)
        if account is None:
            raise UsageError("this link was used, or is over: ask for another one")
        await self._checked(account, password)
        hashed, digest = await self._passwords.hashed(password), digest_of(secret)
        async with self._database.write() as connection:
            if not await accounts.use_invitation(connection, digest, self._now_ms()):
                raise UsageError("this link was used, or is over: ask for another one")
            await accounts.change(connection, account.id, password=hashed)
            await sessions.end_all(connection, account.id)
            by = Acting(account.person, account.role, "session", address)
            await self._record(connection, by, "password chosen", account=account.name)
        return account

    async def choose(self, number: int, before: str, password: str, keep: bytes, by: Acting) -> None:
        """Change one's password; other sessions of the account end. Raises UsageError, LookupError."""
        async with self._database.read() as connection:
            account = await _known(connection, number)
            known = await accounts.secrets_of(connection, number)
        if known is not None and known.password and not await self._passwords.fits(known.password, before):
            raise UsageError("the password until now is another")
        await self._checked(account, password)
        hashed = await self._passwords.hashed(password)
        async with self._database.write() as connection:
            await accounts.change(connection, number, password=hashed)
            await sessions.end_all(connection, number, keep)
            await self._record(connection, by, "password changed", account=account.name)

    def new_code(self) -> str:
        """Return a secret for one-time codes, which is in use once a code of it was told."""
        return new_secret()

    async def take_code(self, number: int, secret: str, code: str, keep: bytes, by: Acting) -> None:
        """Begin to ask for one-time codes; other sessions end. Raises UsageError (a wrong code), LookupError."""
        step = step_of(secret, code, self._now_ms())
        if step is None:
            raise UsageError("this code is wrong: is the clock of the phone right?")
        async with self._database.write() as connection:
            account = await _known(connection, number)
            await accounts.change(connection, number, totp=self._vault.sealed(secret), totp_step=step)
            await sessions.end_all(connection, number, keep)
            await sessions.strengthen(connection, keep)
            await self._record(connection, by, "one-time codes set up", account=account.name)

    async def reset(self, number: int, by: Acting) -> None:
        """Take away password, codes and passkeys; all sessions end. Raises LookupError, ConflictError."""
        async with self._database.write() as connection:
            account = await _known(connection, number)
            await accounts.change(connection, number, password=None, totp=None)
            await accounts.drop_passkeys(connection, number)
            await sessions.end_all(connection, number)
            await self._record(connection, by, "account reset", account=account.name)

    async def change(
        self, number: int, by: Acting, *, role: Role | None = None, person: str | None = None, email: str | None = None
    ) -> None:
        """Change what somebody is. Raises LookupError, ConflictError where it would leave no admin."""
        given = {"role": role, "person": person, "email": email}
        values = {key: str(value) for key, value in given.items() if value is not None}
        async with self._database.write() as connection:
            account = await _known(connection, number)
            await accounts.change(connection, number, **values)
            changed = ", ".join(f"{key} {value}" for key, value in values.items())
            await self._record(connection, by, "account changed", account=account.name, to=changed)

    async def limit(self, number: int, regions: frozenset[str] | None, by: Acting) -> None:
        """Change which regions somebody may see; None: all. Raises LookupError."""
        async with self._database.write() as connection:
            account = await _known(connection, number)
            await accounts.limit(connection, number, regions)
            limits = "all" if regions is None else ",".join(sorted(regions))
            await self._record(connection, by, "account changed", account=account.name, regions=limits)

    async def disable(self, number: int, by: Acting, *, disabled: bool) -> None:
        """Shut somebody out, at once, or let them in again. Raises LookupError, ConflictError."""
        async with self._database.write() as connection:
            account = await _known(connection, number)
            await accounts.change(connection, number, disabled_ms=self._now_ms() if disabled else None)
            if disabled:
                await sessions.end_all(connection, number)
            await self._record(
                connection, by, "account disabled" if disabled else "account enabled", account=account.name
            )

    async def record(self, by: Acting, what: str, came: int = 0, **detail: str | int | None) -> None:
        """Write into the audit what was done elsewhere. Raises StateError."""
        async with self._database.write() as connection:
            await self._record(connection, by, what, came, **detail)

    async def _checked(self, account: Account, password: str) -> None:
        wrong = wrong_with(password, account.name, account.person)
        if wrong is not None:
            raise UsageError(f"this password isn't taken: {wrong}")

    async def _use_code(self, number: int, secret: str, code: str) -> bool:
        step = step_of(secret, code, self._now_ms())
        if step is None:
            return False
        async with self._database.write() as connection:
            return await accounts.use_step(connection, number, step)

    async def _record(
        self, connection: Transaction, by: Acting, what: str, came: int = 0, **detail: str | int | None
    ) -> None:
        done = Done(self._now_ms(), by.who, by.role, by.way, what, came, by.address, detail)
        await auditlog.append(connection, done)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def folded(name: str) -> str:
    """Return a name as it is kept: people write theirs in any way."""
    return name.strip().casefold()


def rights_of(account: Account, policy: SecondFactor) -> frozenset[Right] | None:
    """Return what is left of somebody's rights without a second factor; None: all are."""
    wanted = policy == "admin" and account.role == "admin"
    wanted = wanted or (policy == "change" and RIGHTS[account.role] > LOOK)
    return LOOK if wanted and not account.has_second_factor and not account.subject else None


async def _known(connection: Transaction, number: int) -> Account:
    found = await accounts.get(connection, number)
    if found is None:
        raise LookupError(f"there is no account {number}")
    return found
