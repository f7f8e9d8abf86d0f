"""Secrets: by reference only, resolved late, shown never."""

from __future__ import annotations

import json
import pickle
import traceback
from pathlib import Path

import pytest

from noc.model.errors import InputError
from noc.settings.schema import Settings, validate
from noc.settings.secrets import MAX_SECRET_BYTES, Secret, SecretError, SecretRef, SecretReference
from noc.settings.yamltext import parse


class Login(Settings):
    password: SecretReference


def error_of(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        validate(Login, parse(text, "x.yaml"))
    return caught.value


@pytest.mark.parametrize("reference", ["file:/etc/noc/password", "env:PASSWORD", "cred:password", "file:a:b"])
def test_a_reference_is_read(reference: str) -> None:
    login = validate(Login, parse(f"password: !secret {reference}", "x.yaml"))
    assert str(login.password) == reference
    assert login.model_dump() == {"password": reference}


@pytest.mark.parametrize("text", ["hunter2", "'hunter2'", "[hunter2]", "{hunter2: hunter2}"])
def test_a_literal_is_refused_and_not_repeated(text: str) -> None:
    error = error_of(f"password: {text}")
    assert str(error) == (
        "x.yaml:1:11: error: password: a secret is given by reference only: "
        "write !secret file:/path, !secret env:NAME or !secret cred:NAME"
    )
    assert "hunter2" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("text", ["hunter2", "hunter2:x", "'file:'", "''", "FILE:hunter2"])
def test_a_literal_after_the_tag_is_refused_and_not_repeated(text: str) -> None:
    error = error_of(f"password: !secret {text}")
    assert str(error) == (
        "x.yaml:1:11: error: password: what follows !secret is not a reference: "
        "write !secret file:/path, !secret env:NAME or !secret cred:NAME"
    )
    assert "hunter2" not in "".join(traceback.format_exception(error))


def test_a_credential_of_systemd_has_no_path() -> None:
    assert "the name of a credential has no '/'" in str(error_of("password: !secret cred:../../etc/shadow"))


def test_secrets_are_resolved_from_the_three_places(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("päss\n")
    environment = {"PASSWORD": "from env", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert SecretRef("file", "password").resolve(tmp_path, {}) == Secret("päss")
    assert SecretRef("file", str(tmp_path / "password")).resolve(Path("/"), {}) == Secret("päss")
    assert SecretRef("cred", "password").resolve(Path("/"), environment) == Secret("päss")
    assert SecretRef("env", "PASSWORD").resolve(Path("/"), environment) == Secret("from env")


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOC_TEST_PASSWORD", "x")
    assert SecretRef("env", "NOC_TEST_PASSWORD").resolve(Path("/")).reveal() == "x"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            SecretRef("file", "absent"),
            "secret 'file:absent': {folder}/absent: no such file or directory; create the file, readable by noc alone",
        ),
        (SecretRef("file", "empty"), "secret 'file:empty': {folder}/empty is empty"),
        (SecretRef("file", "binary"), "secret 'file:binary': {folder}/binary is not UTF-8 text"),
        (SecretRef("file", "big"), "secret 'file:big': {folder}/big holds more than 65536 bytes"),
        (SecretRef("file", "a\0b"), "secret 'file:a\0b' is not the name of a file"),
        (SecretRef("env", "NOPE"), "secret 'env:NOPE': the environment variable NOPE is not set"),
        (
            SecretRef("cred", "x"),
            "secret 'cred:x': $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit",
        ),
    ],
)
def test_what_cannot_be_resolved_says_why(tmp_path: Path, reference: SecretRef, message: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "big").write_text("x" * (MAX_SECRET_BYTES + 1))
    with pytest.raises(SecretError) as caught:
        reference.resolve(tmp_path, {})
    assert str(caught.value) == message.format(folder=tmp_path)


def test_a_variable_that_is_set_to_nothing_is_no_secret() -> None:
    with pytest.raises(SecretError, match=r"^secret 'env:EMPTY': the environment variable EMPTY is empty$"):
        SecretRef("env", "EMPTY").resolve(Path("/"), {"EMPTY": ""})


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = Secret("hunter2")
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(…)"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert secret != Secret("hunter3")
    assert len({secret, Secret("hunter2")}) == 1
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_references_are_values() -> None:
    assert SecretRef("env", "A") == SecretRef("env", "A") != SecretRef("env", "B")
    assert repr(SecretRef("env", "A")) == "SecretRef(env:A)"
    assert len({SecretRef("env", "A"), SecretRef("env", "A")}) == 1
