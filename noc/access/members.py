"""Accounts of people whom an identity provider knows: made at their first log-in, changed as their groups change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.access.callers import Callers
from noc.access.groups import NAME_AT_MOST, Member, NoPlaceError, member_of, subject_of
from noc.access.settings import OidcSettings
from noc.clock import Clock
from noc.model.account import Account
from noc.model.errors import ConflictError
from noc.model.instants import to_ms
from noc.state import accounts, auditlog, sessions
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction

SAME_NAMES_AT_MOST: Final = 50
BY: Final = "identity provider"


class Members:
    """From what a provider says of somebody to their account."""

    def __init__(self, database: Database, clock: Clock, settings: OidcSettings, callers: Callers) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._callers = callers

    async def account_of(self, claims: Mapping[str, object], address: str) -> Account:
        """Return the account of who has shown who they are, with role and regions of today's groups.

        Raises NoPlaceError where no group lets them in (sessions that they have end), where they are shut out here, or
        where they would cease to be the only admin; StateError.
        """
        subject = subject_of(claims, self._settings)
        try:
            member = member_of(claims, self._settings)
        except NoPlaceError:
            await self._shut_out(subject, address)
            raise
        try:
            async with self._database.write() as connection:
                known = await accounts.by_subject(connection, subject)
                if known is not None and known.disabled_ms is not None:
                    raise NoPlaceError("your account is disabled in noc")
                done = (
                    await self._made(connection, member, address)
                    if known is None
                    else await self._changed(connection, known, member, address)
                )
        except ConflictError as error:
            raise NoPlaceError(str(error)) from error
        self._callers.forget()
        return done

    async def _made(self, connection: Transaction, member: Member, address: str) -> Account:
        name = await _free_name(connection, member.name)
        made = await accounts.add(
            connection,
            name,
            member.person,
            member.role,
            member.regions,
            email=member.email,
            subject=member.subject,
            by=BY,
            now_ms=self._now_ms(),
        )
        detail = {"account": name, "role": member.role, "regions": _limits(member.regions)}
        await self._record(connection, "account added", address, detail)
        return made

    async def _changed(self, connection: Transaction, known: Account, member: Member, address: str) -> Account:
        fresh = {"role": member.role, "person": member.person, "email": member.email}
        before = {"role": known.role, "person": known.person, "email": known.email}
        values = {key: value for key, value in fresh.items() if value != before[key]}
        detail: dict[str, str | int | None] = {"account": known.name}
        if values:
            await accounts.change(connection, known.id, **values)
            detail["to"] = ", ".join(f"{key} {value}" for key, value in values.items())
        if member.regions != known.regions:
            await accounts.limit(connection, known.id, member.regions)
            detail["regions"] = _limits(member.regions)
        if len(detail) > 1:
            await self._record(connection, "account changed", address, detail)
        return await accounts.get(connection, known.id) or known

    async def _shut_out(self, subject: str, address: str) -> None:
        async with self._database.write() as connection:
            known = await accounts.by_subject(connection, subject)
            if known is not None and await sessions.end_all(connection, known.id):
                await self._record(connection, "sessions ended", address, {"account": known.name, "why": "no group"})
        self._callers.forget()

    async def _record(
        self, connection: Transaction, what: str, address: str, detail: Mapping[str, str | int | None]
    ) -> None:
        await auditlog.append(connection, Done(self._now_ms(), BY, "", "session", what, 0, address, dict(detail)))

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


async def _free_name(connection: Transaction, wanted: str) -> str:
    # Never the account of that name itself: names of a provider are no proof of who somebody is here.
    for number in range(1, SAME_NAMES_AT_MOST + 1):
        ending = "" if number == 1 else f".{number}"
        name = wanted[: NAME_AT_MOST - len(ending)] + ending
        if await accounts.by_name(connection, name) is None:
            return name
    raise NoPlaceError(f"there are {SAME_NAMES_AT_MOST} accounts called '{wanted}' already")


def _limits(regions: frozenset[str] | None) -> str:
    return "all" if regions is None else ",".join(sorted(regions))
