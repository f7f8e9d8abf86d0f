"""ID tokens: what is signed by the provider, for us, now, and for this log-in is believed, and nothing else."""

from __future__ import annotations

import base64
import json
from functools import cache

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from noc.access.idtokens import SKEW_S, Expected, TokenRefusedError, UnknownKeyError, keys_of, verified

NOW_S = 1_772_366_400
EXPECTED = Expected("https://id.example.org", "noc", "nonce-1")


@cache
def key(kid: str = "one") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def keys(*kids: str) -> KeySet:
    return keys_of({"keys": [key(kid).as_dict(private=False) for kid in kids or ("one",)]})


def claims(**other: object) -> dict[str, object]:
    said = {"iss": EXPECTED.issuer, "aud": "noc", "sub": "u-1", "nonce": "nonce-1", "iat": NOW_S, "exp": NOW_S + 300}
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def signed(said: dict[str, object], kid: str = "one", signer: RSAKey | None = None, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": kid}, said, signer or key(kid), algorithms=[alg])


def test_what_the_provider_signed_for_us_is_believed() -> None:
    assert verified(signed(claims(groups=["noc"])), keys(), EXPECTED, NOW_S)["groups"] == ["noc"]
    assert verified(signed(claims(), alg="PS256"), keys(), EXPECTED, NOW_S)["sub"] == "u-1"
    curve = ECKey.generate_key("P-256", {"kid": "ec"})
    token = jwt.encode({"alg": "ES256", "kid": "ec"}, claims(), curve)
    assert verified(token, keys_of({"keys": [curve.as_dict(private=False)]}), EXPECTED, NOW_S)["sub"] == "u-1"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"nonce": "nonce-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"iss": "https://evil.example.org"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["noc", "another"]}, "azp"),
        ({"aud": "noc", "azp": "another"}, "azp"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": NOW_S - SKEW_S - 1}, "expired"),
        ({"iat": NOW_S + SKEW_S + 5}, "iat|issued"),
        ({"nbf": NOW_S + SKEW_S + 5}, "nbf|not valid|not yet"),
    ],
    ids=lambda value: str(sorted(value)) + str(list(value.values())) if isinstance(value, dict) else "",
)
def test_what_was_said_to_others_or_of_another_time_is_refused(other: dict[str, object], said: str) -> None:
    with pytest.raises(TokenRefusedError, match=f"(?i){said}"):
        verified(signed(claims(**other)), keys(), EXPECTED, NOW_S)


def test_a_clock_may_be_a_minute_off() -> None:
    assert verified(signed(claims(exp=NOW_S - SKEW_S + 1)), keys(), EXPECTED, NOW_S)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_no_signature_and_signatures_of_public_keys_are_refused() -> None:
    for alg in ("none", "None", "NONE"):
        unsigned = f"{part({'alg': alg, 'kid': 'one'})}.{part(claims())}."
        with pytest.raises(TokenRefusedError):
            verified(unsigned, keys(), EXPECTED, NOW_S)
    public = key().as_pem(private=False)
    confused = jwt.encode({"alg": "HS256", "kid": "one"}, claims(), OctKey.import_key(base64.b64encode(public)))
    with pytest.raises(TokenRefusedError):
        verified(confused, keys(), EXPECTED, NOW_S)


def test_a_signature_of_somebody_else_and_a_changed_text_are_refused() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    with pytest.raises(TokenRefusedError):
        verified(signed(claims(), signer=stranger), keys(), EXPECTED, NOW_S)
    head, _, signature = signed(claims()).split(".")
    with pytest.raises(TokenRefusedError):
        verified(f"{head}.{part(claims(sub='admin'))}.{signature}", keys(), EXPECTED, NOW_S)
    for broken in ("", "a.b", "a.b.c", "é.é.é", head, "x" * 40_000):
        with pytest.raises(TokenRefusedError):
            verified(broken, keys(), EXPECTED, NOW_S)


def test_a_key_that_is_not_published_is_told_apart() -> None:
    with pytest.raises(UnknownKeyError):
        verified(signed(claims(), kid="two"), keys("one"), EXPECTED, NOW_S)
    assert verified(signed(claims(), kid="two"), keys("one", "two"), EXPECTED, NOW_S)


def test_keys_of_kinds_that_noc_does_not_know_are_left_out() -> None:
    secret = OctKey.generate_key(256, {"kid": "s"}).as_dict(private=True)
    odd = [{"kty": "AKP", "kid": "x"}, "nonsense", {"kty": "RSA", "n": "!"}, secret]
    found = keys_of({"keys": [*odd, key().as_dict(private=False)]})
    assert [one.kid for one in found.keys] == ["one"]
    for document in ({}, {"keys": []}, {"keys": odd}, [], None):
        with pytest.raises(TokenRefusedError, match="no key"):
            keys_of(document)


def test_an_access_token_that_was_changed_on_the_way_is_refused() -> None:
    expected = Expected(EXPECTED.issuer, "noc", "nonce-1", access_token="abc")
    with pytest.raises(TokenRefusedError, match="at_hash"):
        verified(signed(claims(at_hash="MTIzNDU2Nzg5MDEyMzQ1Ng")), keys(), expected, NOW_S)
