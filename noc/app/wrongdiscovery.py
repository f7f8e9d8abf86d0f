"""What `noc check` finds wrong with the settings of discovery, beside their form."""

from __future__ import annotations

from collections.abc import Iterator

from noc.app.includes import Merged
from noc.model.finding import Finding, did_you_mean
from noc.settings.written import mapping, texts


def wrong_discovery(merged: Merged) -> Iterator[Finding]:
    """Yield sets of credentials that there are not, or that have no snmp part."""
    known = mapping(merged.data, "credentials")
    for index, name in texts(mapping(merged.data, "discovery"), "credentials"):
        place = merged.place("discovery", "credentials", index)
        if name not in known:
            hint = did_you_mean(name, known)
            yield place.finding(f"discovery.credentials: unknown set of credentials '{name}'{hint}")
        elif mapping(known, name).get("snmp") is None:
            yield place.finding(f"discovery.credentials: '{name}' has no snmp part; take it out")
