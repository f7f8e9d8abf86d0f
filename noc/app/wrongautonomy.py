"""What `noc check` finds wrong with groups whose pollers are to call people by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from alerts.policies import AlertSettings
from noc import plugins
from noc.app.autonomyplan import NOTIFIERS, allowed, carried, paths_of, reached
from noc.app.includes import Merged
from noc.app.pollersettings import PollerGroup
from noc.model.errors import InputError, UsageError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import format_duration, validate_data
from noc.settings.written import mapping, text

_GROUPS: Final = ("pollers", "groups")


def wrong_autonomy(
    name: str, group: PollerGroup, lost_after: timedelta, merged: Merged, folder: Path
) -> Iterator[Finding]:
    """Yield what is wrong with a group. lost_after: that of pollers; folder: of noc.yaml."""
    if not group.autonomy:
        return
    path, key = (*_GROUPS, name), f"pollers.groups.{name}"
    if group.autonomy_after < lost_after:
        least = format_duration(lost_after)
        message = f"where all is well a poller hears the centre within {least} (pollers.lost_after); give that or more"
        yield merged.place(*path, "autonomy_after").finding(f"{key}.autonomy_after: {message}")
    written = mapping(merged.data, "alerts")
    policies, notifiers = mapping(written, "policies"), mapping(written, "notifiers")
    wrong = False
    if group.autonomy_policy is not None and group.autonomy_policy not in policies:
        wrong = True
        hint = did_you_mean(group.autonomy_policy, policies)
        message = f"{key}.autonomy_policy: unknown policy '{group.autonomy_policy}'{hint}"
        yield merged.place(*path, "autonomy_policy").finding(message)
    for index, one in enumerate(group.autonomy_notifiers or ()):
        if one not in notifiers:
            wrong = True
            message = f"{key}.autonomy_notifiers: unknown notifier '{one}'{did_you_mean(one, notifiers)}"
            yield merged.place(*path, "autonomy_notifiers", index).finding(message)
    if not policies:
        message = f"{key}.autonomy: there is no policy by which anybody could be called; write alerts.policies"
        yield merged.place(*path, "autonomy").finding(message)
    elif not wrong:
        yield from _unreached(name, group, merged)
    yield from _files(group, merged, folder)


def _unreached(name: str, group: PollerGroup, merged: Merged) -> Iterator[Finding]:
    try:
        settings = validate_data(AlertSettings, mapping(merged.data, "alerts"), merged, ("alerts",))
    except InputError:
        return  # the model says so
    names = allowed(group, settings.notifiers)
    wanted = settings.policies if group.autonomy_policy is None else (group.autonomy_policy,)
    for policy in wanted:
        if not reached(settings, policy, names):
            by = ", ".join(names) or "none"
            message = (
                f"pollers.groups.{name}: policy '{policy}' reaches nobody by the notifiers that its pollers may use "
                f"({by}); allow another in autonomy_notifiers, or give people an address"
            )
            yield merged.place(*_GROUPS, name, "autonomy").finding(message)


def _files(group: PollerGroup, merged: Merged, folder: Path) -> Iterator[Finding]:
    """Yield files that would have to go to the pollers and can't."""
    written = mapping(mapping(merged.data, "alerts"), "notifiers")
    for name in allowed(group, written):
        notifier = mapping(written, name)
        kind = notifier.get("kind", name)
        if not isinstance(kind, str) or kind not in plugins.names(NOTIFIERS):
            continue
        for key in paths_of(plugins.load(NOTIFIERS, kind).Settings):
            path = text(notifier, key)
            if path is None or "\0" in path:
                continue
            try:
                carried(folder / path, f"alerts.notifiers.{name}.{key}", {})
            except UsageError as error:
                yield merged.place("alerts", "notifiers", name, key).finding(str(error))
