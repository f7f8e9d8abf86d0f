"""How people log in: `http.accounts` of noc.yaml."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from noc.settings.schema import Duration, Settings

SecondFactor = Literal["change", "admin", "none"]


class AccountSettings(Settings):
    """Accounts of people."""

    second_factor: SecondFactor = "change"
    """Who needs a one-time code or a passkey beside a password: all who may change something, admins alone, or nobody.
    Until they have one they may look."""
    invitation: Duration = timedelta(hours=24)
    """How long a link is good with which somebody chooses a password."""
