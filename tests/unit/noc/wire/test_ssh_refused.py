"""A host key that was refused is kept, so that a person can accept it."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.model.errors import UsageError
from noc.wire.ssh import HostKeyChangedError, HostKeyFiles, HostKeys, accept, refused
from noc.wire.ssh.knownhosts import HostKey, line_of
from noc.wire.ssh.refused import FILE

NAME, OTHER = "192.0.2.1", "[192.0.2.1]:2222"


def key(seed: int) -> HostKey:
    fields = (b"ssh-ed25519", bytes([seed]) * 32)
    return HostKey("ssh-ed25519", b"".join(len(field).to_bytes(4) + field for field in fields))


def trusting(folder: Path, given: Path | None = None) -> HostKeys:
    keys = HostKeys(HostKeyFiles(folder / "known_hosts", given), "accept-new")
    keys.load()
    return keys


def test_a_changed_key_is_told_with_both_and_trusted_once_it_is_accepted(tmp_path: Path) -> None:
    keys, learned = trusting(tmp_path), tmp_path / "known_hosts"
    keys.verify(NAME, key(1))
    keys.verify(OTHER, key(7))
    for shown in (key(2), key(3), key(3)):
        with pytest.raises(HostKeyChangedError) as raised:
            keys.verify(NAME, shown)
        assert (raised.value.change.known, raised.value.change.shown) == (str(key(1)), str(shown))
    assert refused(learned, NAME) == key(3)
    assert refused(learned, OTHER) is None
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    old, new = accept(learned, None, NAME, key(3).fingerprint)
    assert ([known.key for known in old], new) == ([key(1)], key(3))
    assert learned.read_text().splitlines() == [line_of(OTHER, key(7)), line_of(NAME, key(3))]
    assert learned.stat().st_mode & 0o777 == 0o600
    keys.verify(NAME, key(3))  # the same process: it sees that the file is another
    keys.verify(OTHER, key(7))
    assert refused(learned, NAME) is None


def test_nothing_is_accepted_that_was_not_shown(tmp_path: Path) -> None:
    keys, learned = trusting(tmp_path), tmp_path / "known_hosts"
    keys.verify(NAME, key(1))
    with pytest.raises(UsageError, match="has shown no other host key"):
        accept(learned, None, NAME)
    with pytest.raises(HostKeyChangedError):
        keys.verify(NAME, key(2))
    with pytest.raises(UsageError, match="and not SHA256:x; nothing was accepted"):
        accept(learned, None, NAME, "SHA256:x")
    assert learned.read_text() == f"{line_of(NAME, key(1))}\n"


def test_a_file_of_people_is_left_to_them(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text(f"{line_of(NAME, key(1))}\n")
    keys = trusting(tmp_path, given)
    with pytest.raises(HostKeyChangedError):
        keys.verify(NAME, key(2))
    with pytest.raises(UsageError, match=f"stands in your own file, {given}:1; change it there to: {NAME} ssh-ed25519"):
        accept(tmp_path / "known_hosts", given, NAME)
