"""Enrols pollers: who they are, by what they log in at the broker, and with which key their plan is sealed.

One file stays here (`state_dir/pollers/NAME.json`, without the password), one goes to the poller. The account at the
broker is written where the settings name its folder. Who is enrolled again loses the identity from before.
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.app.brokeraccounts import rights_of_poller, user_of
from noc.app.brokerfiles import keep_out, let_in, new_password
from noc.app.pollersettings import PLAIN_PORT, TLS_PORT, PollersSettings
from noc.app.privatefiles import make_private, write_private
from noc.app.settings import RootSettings
from noc.bus.identity import Enrolled, Identity, read, written
from noc.bus.packing import PackingError
from noc.bus.sealing import KEY_OCTETS
from noc.inventory.values import parse_word
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean

FOLDER: Final = "pollers"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where pollers are enrolled. folder: of noc.yaml, from which relative paths start. state_dir: of this noc."""

    settings: RootSettings
    folder: Path
    state_dir: Path

    @property
    def broker_files(self) -> Path | None:
        """Return the folder of the broker; None where the settings name none."""
        named = self.settings.pollers.broker_files
        return None if named is None else self.folder / named

    def file(self, poller: str) -> Path:
        """Return the file that the centre keeps of a poller."""
        return self.state_dir / FOLDER / f"{poller}.json"


def check_new(desk: Desk, poller: str, group: str, *, force: bool) -> None:
    """Raise UsageError where a poller can't be enrolled so."""
    check_name(poller)
    pollers = desk.settings.pollers
    if pollers.broker is None:
        raise UsageError("pollers.broker is missing in noc.yaml: over which broker is the poller to speak?")
    if group not in pollers.groups:
        known = f"there are {', '.join(sorted(pollers.groups))}" if pollers.groups else "pollers.groups has none yet"
        raise UsageError(f"there is no group '{group}'{did_you_mean(group, pollers.groups)}; {known}")
    if poller in pollers.groups:
        raise UsageError(f"'{poller}' is the name of a group; give the poller another, {poller}-1 say")
    if poller == desk.settings.polling.poller:
        raise UsageError(f"'{poller}' is the name of this centre (polling.poller); give the poller another")
    if desk.file(poller).exists() and not force:
        raise UsageError(f"poller '{poller}' is enrolled already; --force makes its identity from before worthless")


def check_name(poller: str) -> None:
    """Raise UsageError where this can't be a poller's name."""
    try:
        parse_word(poller)
    except ValueError as error:
        raise UsageError(f"a poller's name: {error}") from None


def identity_for(desk: Desk, poller: str, group: str) -> Identity:
    """Return a new identity: a password and a key of chance. Raises UsageError where the broker's CA can't be read."""
    pollers = desk.settings.pollers
    broker = pollers.broker
    if broker is None:
        raise UsageError("pollers.broker is missing in noc.yaml")
    return Identity(
        poller=poller,
        group=group,
        centre=desk.settings.polling.poller,
        host=pollers.address or broker.host,
        port=pollers.port or broker.port or (TLS_PORT if broker.tls else PLAIN_PORT),
        tls=broker.tls,
        ca=_authority(desk.folder, pollers),
        user=user_of(poller),
        password=new_password(),
        key=base64.b64encode(secrets.token_bytes(KEY_OCTETS)).decode(),
    )


def enrol(desk: Desk, identity: Identity, out: Path, *, at_ms: int, by: str) -> None:
    """Write what this centre and the poller need, and let it in at the broker. Raises UsageError, OSError.

    The poller's file comes first: where the rest fails nothing has changed for anybody.
    """
    write_private(out, written(identity))
    if desk.broker_files is not None:
        let_in(desk.broker_files, identity.user, identity.password, rights_of_poller(identity.poller))
    keep = desk.file(identity.poller)
    make_private(desk.state_dir)
    make_private(keep.parent)
    known = Enrolled(
        poller=identity.poller, group=identity.group, user=identity.user, key=identity.key, at_ms=at_ms, by=by
    )
    write_private(keep, written(known))


def dismiss(desk: Desk, poller: str) -> bool:
    """Take a poller's account and its file away; return whether there was one. Raises UsageError, OSError."""
    check_name(poller)
    there = desk.file(poller).exists()
    desk.file(poller).unlink(missing_ok=True)
    if desk.broker_files is not None:
        there = keep_out(desk.broker_files, user_of(poller)) or there
    return there


def names(state_dir: Path) -> frozenset[str]:
    """Return the names of who is enrolled, whether or not their files can be read."""
    return frozenset(path.stem for path in (state_dir / FOLDER).glob("*.json"))


def enrolled(state_dir: Path) -> Mapping[str, Enrolled]:
    """Return who is enrolled, by name. Raises UsageError where a file of one can't be read."""
    found = {}
    for path in sorted((state_dir / FOLDER).glob("*.json")):
        try:
            found[path.stem] = read(path.read_bytes(), Enrolled)
        except PackingError as error:
            raise UsageError(f"{path}: {error}") from None
        except OSError as error:
            raise UsageError(f"{path}: {(error.strerror or '').lower()}; run this as the user that runs noc") from None
    return found


def enrolled_in(state_dir: Path) -> Mapping[str, int]:
    """Return how many pollers are enrolled in each group; who can't be read counts for none."""
    try:
        return Counter(one.group for one in enrolled(state_dir).values())
    except UsageError:  # `noc check` and the daemon say so
        return {}


def identity_in(path: Path) -> Identity:
    """Return the identity in a file. Raises UsageError."""
    try:
        return read(path.read_bytes(), Identity)
    except PackingError as error:
        raise UsageError(f"{path}: {error}") from None
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or '').lower()}") from None


def _authority(folder: Path, pollers: PollersSettings) -> str:
    if pollers.broker is None or pollers.broker.ca_file is None:
        return ""
    path = folder / pollers.broker.ca_file
    try:
        return path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: holds no certificate in PEM") from None
    except OSError as error:
        raise UsageError(f"pollers.broker.ca_file: {path}: {(error.strerror or '').lower()}") from None
