"""What roles and rights are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.i18n.marking import say
from noc.model.account import Right, Role

ROLE_WORDS: Final[Mapping[Role, str]] = {
    "viewer": say("viewer"),
    "operator": say("operator"),
    "engineer": say("engineer"),
    "manager": say("manager"),
    "admin": say("admin"),
}

RIGHT_WORDS: Final[Mapping[Right, str]] = {
    "see": say("to see what is in their regions"),
    "own": say("to change their own account"),
    "ask": say("to have noc work something out: rehearsals, what-ifs, reports"),
    "handle": say("to handle incidents, and who is on call"),
    "propose": say("to propose windows and corrections"),
    "approve": say("to decide on windows"),
    "correct": say("to decide on corrections of the ledger"),
    "administer": say("to administer: accounts, tokens, the audit"),
}
