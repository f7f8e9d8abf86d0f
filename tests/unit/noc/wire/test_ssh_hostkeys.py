"""Which host keys are trusted: the files as OpenSSH writes them, trust at first use, changes, damage."""

from __future__ import annotations

import base64
import hmac
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import InputError
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.ssh.hostkeys import HostKeyFileError, HostKeyFiles, HostKeyPolicy, HostKeys, known_hosts_findings
from noc.wire.ssh.knownhosts import HostKey, KnownHosts, host_name, line_of

HOST = "192.0.2.1"


def key(seed: int = 1, kind: str = "ssh-ed25519") -> HostKey:
    fields = (kind.encode(), bytes([seed]) * 32)
    return HostKey(kind, b"".join(len(field).to_bytes(4) + field for field in fields))


def hashed(name: str, salt: bytes = b"0123456789abcdefghij") -> str:
    """Return a name as `HashKnownHosts yes` writes it."""
    digest = hmac.digest(salt, name.encode(), "sha1")
    return "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, digest))


class Trust:
    """Host keys of a test: the file of people is there once it is written."""

    def __init__(self, folder: Path) -> None:
        self.learned = folder / "state" / "ssh" / "known_hosts"
        self.given = folder / "given"

    def keys(
        self, policy: HostKeyPolicy = "accept-new", given: str | None = None, learned: str | None = None
    ) -> HostKeys:
        if learned is not None:
            self.learned.parent.mkdir(parents=True, exist_ok=True)
            self.learned.write_text(learned)
        if given is not None:
            self.given.write_text(given)
        keys = HostKeys(HostKeyFiles(self.learned, self.given if given is not None else None), policy)
        keys.load()
        return keys


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path)


def refusal(keys: HostKeys, name: str, shown: HostKey) -> str:
    with pytest.raises(WireError) as raised:
        keys.verify(name, shown)
    assert raised.value.kind is FailureKind.AUTH
    assert str(raised.value).startswith(f"{name}: its host key ")
    return str(raised.value)


@pytest.mark.parametrize(
    ("address", "port", "name"),
    [(HOST, 22, HOST), (HOST, 2222, f"[{HOST}]:2222"), ("2001:db8::1", 22, "2001:db8::1")],
)
def test_a_host_is_named_as_openssh_names_it(address: str, port: int, name: str) -> None:
    assert host_name(address, port) == name


def test_the_fingerprint_is_that_of_ssh_keygen() -> None:
    encoded = "AAAAC3NzaC1lZDI1NTE5AAAAIFc9CBRUNDjH2r3Vuxzq0wpBVaxEbzcZnJTbM0ocZhD9"
    shown = HostKey("ssh-ed25519", base64.b64decode(encoded))
    assert str(shown) == "ssh-ed25519 SHA256:HZVf1gXAGydlMaxZdZD5swDX1+T6OEVp8HH216C6Trg"  # by ssh-keygen -lf
    assert line_of(HOST, shown) == f"{HOST} ssh-ed25519 {encoded}"


def test_a_new_key_is_kept_and_from_then_on_the_only_one(trust: Trust) -> None:
    keys = trust.keys()
    keys.verify(HOST, key(1))
    keys.verify(HOST, key(1))
    assert trust.learned.read_text() == line_of(HOST, key(1)) + "\n"
    assert trust.learned.stat().st_mode & 0o777 == 0o600
    assert keys.kinds_of(HOST) == ("ssh-ed25519",)
    for again in (keys, trust.keys(), trust.keys("strict")):
        again.verify(HOST, key(1))
        message = refusal(again, HOST, key(2))
        assert f"has changed: {trust.learned}:1 has {key(1)}, the device shows {key(2)}" in message
    assert trust.learned.read_text() == line_of(HOST, key(1)) + "\n"


def test_another_kind_of_key_is_a_change_too(trust: Trust) -> None:
    keys = trust.keys(learned=line_of(HOST, key(1)) + "\n")
    assert "has changed" in refusal(keys, HOST, key(1, "ecdsa-sha2-nistp256"))


def test_several_known_keys_of_one_host_are_all_good(trust: Trust) -> None:
    other = key(2, "ssh-rsa")
    keys = trust.keys("strict", given=f"{line_of(HOST, key(1))}\n{line_of(f'x,{HOST}', other)} comment here\n")
    keys.verify(HOST, key(1))
    keys.verify(HOST, other)
    assert keys.kinds_of(HOST) == ("ssh-ed25519", "ssh-rsa")
    assert keys.kinds_of("192.0.2.2") == ()


def test_a_port_has_keys_of_its_own(trust: Trust) -> None:
    keys = trust.keys()
    keys.verify(HOST, key(1))
    keys.verify(f"[{HOST}]:2222", key(2))
    keys.verify(HOST, key(1))


def test_strict_accepts_nothing_new_and_writes_nothing(trust: Trust) -> None:
    message = refusal(trust.keys("strict", given=""), HOST, key(1))
    assert f"{key(1)} is not known" in message
    assert f"then add it to {trust.given}" in message
    assert not trust.learned.exists()
    assert f"then add it to {trust.learned}" in refusal(HostKeys(HostKeyFiles(trust.learned), "strict"), HOST, key(1))


def test_hashed_names_are_found(trust: Trust) -> None:
    keys = trust.keys("strict", given=f"{hashed(HOST)} {line_of('', key(1)).strip()}\n")
    keys.verify(HOST, key(1))
    assert "has changed" in refusal(keys, HOST, key(2))
    assert "is not known" in refusal(keys, "192.0.2.2", key(1))


def test_a_revoked_key_is_refused_also_where_it_would_be_new(trust: Trust) -> None:
    keys = trust.keys(given=f"@revoked * {line_of('', key(1)).strip()}\n")
    assert f"is revoked by {trust.given}:1" in refusal(keys, HOST, key(1))
    keys.verify(HOST, key(2))


def test_a_file_that_people_change_is_read_again(trust: Trust) -> None:
    keys = trust.keys("strict", given=line_of(HOST, key(1)) + "\n")
    trust.given.write_text("# replaced on Monday\n" + line_of(HOST, key(22, "ssh-rsa")) + "\n")
    assert keys.kinds_of(HOST) == ("ssh-rsa",)
    keys.verify(HOST, key(22, "ssh-rsa"))
    assert f"{trust.given}:2 has" in refusal(keys, HOST, key(1))
    trust.given.write_text("broken\n")
    with pytest.raises(InputError, match=r"given:1:1: error: not a line of known_hosts"):
        keys.verify(HOST, key(22, "ssh-rsa"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("192.0.2.1", "not a line of known_hosts; write NAME TYPE KEY, as ssh-keyscan does"),
        ("192.0.2.1 ssh-ed25519", "not a line of known_hosts"),
        ("@revoked 192.0.2.1 ssh-ed25519", "not a line of known_hosts"),
        ("192.0.2.1 ssh-ed25519 AAAA!", "the key is damaged, or of another type than the line says"),
        ("192.0.2.1 ssh-ed25519 AAAA", "the key is damaged"),
        ("192.0.2.1 ssh-ed25519 é", "the key is damaged"),
        (line_of("192.0.2.1", key())[:-8], "the key is damaged"),
        (line_of("192.0.2.1", key()).replace("ssh-ed25519", "ssh-rsa"), "or of another type than the line says"),
        (line_of("*", key()), "'*' is a pattern; noc takes addresses only"),
        (line_of("192.0.2.1,!192.0.2.2", key()), "'!192.0.2.2' is a pattern"),
        (line_of("192.0.2.1,", key()), "'' is a pattern"),
        (f"@cert-authority {line_of('*', key())}", "noc doesn't verify @cert-authority lines"),
        (line_of("|1|c2FsdA==", key()), "the hashed name is damaged"),
        (line_of("|2|c2FsdA==|c2FsdA==", key()), "the hashed name is damaged"),
        (line_of("|1|!|c2FsdA==", key()), "the hashed name is damaged"),
    ],
)
def test_a_line_that_is_wrong_is_told_at_its_place(trust: Trust, line: str, words: str) -> None:
    text = f"# comment\n\n{line}\n{line_of('192.0.2.9', key(9))}\n"
    with pytest.raises(InputError) as raised:
        trust.keys(given=text)
    (finding,) = raised.value.findings
    assert str(finding).startswith(f"{trust.given}:3:1: error: ")
    assert words in finding.message
    assert known_hosts_findings(trust.given) == [finding]


def test_a_file_that_is_not_there_is_told(trust: Trust) -> None:
    keys = HostKeys(HostKeyFiles(trust.learned, trust.given), "accept-new")
    with pytest.raises(InputError, match="given: error: can't be read: no such file or directory"):
        keys.load()


def test_a_last_line_that_a_crash_has_torn_is_taken_out(trust: Trust) -> None:
    whole, torn = line_of(HOST, key(1)) + "\n", line_of("192.0.2.2", key(2))
    for length in range(1, len(torn)):
        keys = trust.keys(learned=whole + torn[:length])
        keys.verify(HOST, key(1))
        assert trust.learned.read_text() == whole
    keys.verify("192.0.2.2", key(3))
    assert trust.learned.read_text() == whole + line_of("192.0.2.2", key(3)) + "\n"


def test_a_last_line_without_its_end_still_counts(trust: Trust) -> None:
    keys = trust.keys(learned=line_of(HOST, key(1)))
    assert "has changed" in refusal(keys, HOST, key(2))
    keys.verify("192.0.2.2", key(2))
    assert len(trust.learned.read_text().splitlines()) == 2
    trust.keys("strict").verify("192.0.2.2", key(2))


def test_two_threads_at_first_sight_accept_one_key(trust: Trust) -> None:
    keys = trust.keys()
    accepted: list[int] = []
    start = threading.Barrier(8)

    def see(seed: int) -> None:
        start.wait()
        try:
            keys.verify(HOST, key(seed))
        except WireError:
            return
        accepted.append(seed)

    threads = [threading.Thread(target=see, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1
    assert trust.learned.read_text() == line_of(HOST, key(accepted[0])) + "\n"


def test_a_key_that_cannot_be_kept_is_not_accepted(trust: Trust, tmp_path: Path) -> None:
    keys = trust.keys()
    (tmp_path / "state").write_text("a file, where a folder should be")
    for _ in range(2):
        with pytest.raises(HostKeyFileError, match=r"the host key of 192\.0\.2\.1 can't be kept in .*known_hosts: "):
            keys.verify(HOST, key(1))


def test_a_folder_in_the_place_of_the_file_is_told(trust: Trust) -> None:
    trust.learned.mkdir(parents=True)
    with pytest.raises(HostKeyFileError, match="where noc keeps host keys, can't be opened: is a directory"):
        trust.keys()


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for finding in KnownHosts().add(text, "f"):
        assert finding.line >= 1
        assert "\n" not in finding.message
