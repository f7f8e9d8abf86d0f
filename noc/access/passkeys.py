"""Passkeys (WebAuthn Level 3): set up by who is logged in, and then both factors at once, or the second."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from noc.access.callers import Callers
from noc.access.challenges import Challenges
from noc.access.people import Acting
from noc.clock import Clock
from noc.model.account import Account
from noc.model.errors import ConflictError, UsageError
from noc.model.instants import to_ms
from noc.state import accounts, auditlog, passkeys, sessions
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction
from noc.state.passkeys import Passkey

HOUSE: Final = "noc"
OF_ONE_AT_MOST: Final = 20
NAME_AT_MOST: Final = 60
CREDENTIAL_OCTETS_AT_MOST: Final = 1_023
STALE: Final = "this took too long, or was begun elsewhere; try again"
REFUSED: Final = "this passkey isn't taken"
_WRONG: Final = (WebAuthnException, ValueError, TypeError, KeyError, IndexError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are for. host: they are bound to it; origin: as browsers say it."""

    host: str
    origin: str


def place_of(base: str) -> Place | None:
    """Return for where passkeys are set up. base: the address of noc; None: browsers allow none there."""
    parsed = urlsplit(base.lower())
    host = parsed.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        is_address = False
    else:
        is_address = True
    is_here = host == "localhost" or host.endswith(".localhost")
    if not host or is_address or not (parsed.scheme == "https" or is_here):
        return None
    usual = {"https": ":443", "http": ":80"}.get(parsed.scheme, "")
    return Place(host, f"{parsed.scheme}://{parsed.netloc.removesuffix(usual)}")


class Passkeys:
    """All that is done with passkeys. Attempts: digests of what a browser holds, a session or a cookie of its own.

    base_url: how browsers reach noc, where the settings say so.
    """

    def __init__(self, database: Database, clock: Clock, callers: Callers, base_url: str | None = None) -> None:
        self._base_url = base_url
        self._database = database
        self._clock = clock
        self._callers = callers
        self._challenges = Challenges(clock)

    def place(self, base: str) -> Place | None:
        """Return for where passkeys are. base: where a request came, if the settings say nothing; None: nowhere."""
        return place_of(self._base_url or base)

    async def of(self, account: Account) -> list[Passkey]:
        """Return somebody's passkeys. Raises StateError."""
        async with self._database.read() as connection:
            return await passkeys.of_account(connection, account.id)

    async def begin(self, account: Account, attempt: bytes, place: Place, address: str) -> str:
        """Return what a browser makes a passkey with, JSON. Raises UsageError where there are too many, StateError."""
        known = await self.of(account)
        if len(known) >= OF_ONE_AT_MOST:
            raise UsageError(f"you have {OF_ONE_AT_MOST} passkeys; take one away first")
        options = webauthn.generate_registration_options(
            rp_id=place.host,
            rp_name=HOUSE,
            user_name=account.name,
            user_id=_handle(account),
            user_display_name=account.person,
            challenge=self._challenges.make(attempt, address, account.id),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
        )
        return webauthn.options_to_json(options)

    async def add(
        self, account: Account, attempt: bytes, place: Place, credential: str, name: str, by: Acting
    ) -> Passkey:
        """Take a passkey that a browser made; other sessions end. attempt: the session.

        Raises UsageError where it isn't taken, ConflictError where it is known, StateError.
        """
        challenge = self._challenges.take(attempt)
        if challenge is None or challenge.account != account.id:
            raise UsageError(STALE)
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge.octets,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
            )
        except _WRONG as error:
            raise UsageError(REFUSED) from error
        if len(made.credential_id) > CREDENTIAL_OCTETS_AT_MOST:
            raise UsageError(REFUSED)
        called = _name(name)
        async with self._database.write() as connection:
            key = (made.credential_id, made.credential_public_key, made.sign_count)
            added = await passkeys.add(connection, account.id, *key, called, self._now_ms())
            await sessions.end_all(connection, account.id, attempt)
            await sessions.strengthen(connection, attempt)
            await self._record(connection, by, "passkey set up", account, called)
        self._callers.forget()
        return added

    async def rename(self, account: Account, number: int, name: str) -> bool:
        """Write what somebody calls a passkey of theirs; False: there is none. Raises StateError."""
        async with self._database.write() as connection:
            return await passkeys.rename(connection, account.id, number, _name(name))

    async def drop(self, account: Account, number: int, attempt: bytes, by: Acting) -> bool:
        """Take a passkey away; other sessions end. False: there is none.

        Raises ConflictError where nothing would be left to log in with, StateError.
        """
        async with self._database.write() as connection:
            known = await passkeys.of_account(connection, account.id)
            gone = [one for one in known if one.id == number]
            if not gone:
                return False
            if len(known) == 1 and not account.has_password:
                raise ConflictError("this passkey is all that you can log in with; choose a password first")
            await passkeys.drop(connection, account.id, number)
            await sessions.end_all(connection, account.id, attempt)
            await self._record(connection, by, "passkey taken away", account, gone[0].name)
        self._callers.forget()
        return True

    async def ask(self, attempt: bytes, place: Place, address: str, account: int | None = None) -> str:
        """Return what a browser asks for a passkey with, JSON. account: whose, after a password; None: anybody's.

        Raises StateError.
        """
        known: list[Passkey] = []
        if account is not None:
            async with self._database.read() as connection:
                known = await passkeys.of_account(connection, account)
        options = webauthn.generate_authentication_options(
            rp_id=place.host,
            challenge=self._challenges.make(attempt, address, account),
            allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
            user_verification=(
                UserVerificationRequirement.REQUIRED if account is None else UserVerificationRequirement.PREFERRED
            ),
        )
        return webauthn.options_to_json(options)

    async def by_passkey(self, attempt: bytes, place: Place, credential: str, address: str) -> Account:
        """Return who shows a passkey. Raises UsageError where it isn't taken, StateError."""
        challenge = self._challenges.take(attempt)
        if challenge is None:
            raise UsageError(STALE)
        async with self._database.read() as connection:
            known = await passkeys.by_credential(connection, _credential_id(credential))
            account = None if known is None else await accounts.get(connection, known.account)
        if known is None or account is None or account.disabled_ms is not None:
            raise UsageError(REFUSED)
        if challenge.account not in (None, account.id):
            raise UsageError(REFUSED)
        try:
            shown = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge.octets,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=0,  # looked at below: a copy is told apart from a wrong answer
                require_user_verification=challenge.account is None,
            )
        except _WRONG as error:
            raise UsageError(REFUSED) from error
        by = Acting(account.person, account.role, "session", address)
        is_copy = (shown.new_sign_count or known.uses) and shown.new_sign_count <= known.uses
        async with self._database.write() as connection:
            if not is_copy:
                is_copy = not await passkeys.use(connection, known.id, known.uses, shown.new_sign_count, self._now_ms())
            if is_copy:
                await self._record(connection, by, "passkey refused: there is a copy of it", account, known.name)
        if is_copy:
            raise UsageError(REFUSED)
        return account

    async def _record(self, connection: Transaction, by: Acting, what: str, whose: Account, key: str) -> None:
        detail: dict[str, str | int | None] = {"account": whose.name, "passkey": key}
        await auditlog.append(connection, Done(self._now_ms(), by.who, by.role, by.way, what, 0, by.address, detail))

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _handle(account: Account) -> bytes:
    # No name: it can be read without the person.
    return f"noc:{account.id}".encode()


def _credential_id(credential: str) -> bytes:
    try:
        said = json.loads(credential)
        return base64url_to_bytes(said["id"])
    except (*_WRONG, RecursionError) as error:
        raise UsageError(REFUSED) from error


def _name(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * NAME_AT_MOST])
    return " ".join(printable.split())[:NAME_AT_MOST] or "passkey"
