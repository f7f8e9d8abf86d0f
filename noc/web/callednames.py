"""What people are called on pages: by the full name of their account, or else that of the settings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from alerts.policies import AlertSettings
from noc.model.account import Account


class CalledNames:
    """Says names. settings: of people who are told, by their keys. accounts: all, those that are disabled, too.

    Who is told and who logs in are one where both have one address of mail: as timelines call who acknowledges by a
    link. Who is in neither, such as a user of the machine, is called as they are written.
    """

    def __init__(self, settings: AlertSettings, accounts: Iterable[Account]) -> None:
        everyone = tuple(accounts)
        self._settings: Final = settings
        self._by_name = {one.name: one.person for one in everyone if one.person}
        in_use = [one for one in everyone if one.email and one.person and one.disabled_ms is None]
        many = Counter(one.email.casefold() for one in in_use)
        self._by_address = {one.email.casefold(): one.person for one in in_use if many[one.email.casefold()] == 1}

    def __call__(self, name: str) -> str:
        """Return what somebody is called. name: the key of a person, the name of an account, or what is shown."""
        person = self._settings.people.get(name)
        if person is not None:
            address = str(person.email or "").casefold()
            return self._by_address.get(address) or self._settings.name_of(name)
        return self._by_name.get(name, name)
