"""Settings of InfluxDB: wrong combinations name the key, secrets are references and show nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import InputError, UsageError
from noc.settings.schema import validate
from noc.settings.secrets import SecretError
from noc.settings.yamltext import parse
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from noc.store.influx.access import access

V1 = "url: http://db:8086\ndialect: v1\ndatabase: noc\n"
V2 = "url: http://db:8086\ndialect: v2\norg: un\nbucket: noc\ntoken: !secret file:token\n"
VICTORIA = "url: http://db:8428\ndialect: victoria\n"
V3 = "url: http://db:8181\ndialect: v3\ndatabase: noc\n"
SECRET = "hunter2"


def read(text: str) -> Settings:
    return validate(Settings, parse(text, "noc.yaml"))


def findings(text: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(text)
    assert SECRET not in str(raised.value)
    return [str(finding).removeprefix("noc.yaml:") for finding in raised.value.findings]


@pytest.mark.parametrize(
    "text",
    [
        V1,
        V1 + "retention_policy: month\nuser: noc\npassword: !secret env:INFLUX\n",
        V2,
        V3,
        V3 + "token: !secret cred:influx\n",
        VICTORIA,
        VICTORIA + "user: noc\npassword: !secret env:INFLUX\nwriter: influxdb-client\n",
        V2 + "writer: influxdb-client\nretention: 14d\n",
        V1 + "retention: {raw: 7d, five_minutes: 60d, hourly: 400d}\n",
        V3.replace("http:", "https:") + "ca_file: tls/ca.pem\ntimeout: 3s\n",
        V1.replace("http://db:8086", "https://proxy.example/influx/"),
    ],
)
def test_right_settings(text: str) -> None:
    assert read(text).kind == "influx"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (V1.replace("database: noc\n", ""), "database", "dialect v1 needs it: database, user and password"),
        (V2.replace("org: un\n", ""), "org", "dialect v2 needs it: org, bucket and token"),
        (V2.replace("bucket: noc\n", ""), "bucket", "dialect v2 needs it"),
        (V2.replace("token: !secret file:token\n", ""), "token", "dialect v2 needs it"),
        (V3.replace("database: noc\n", ""), "database", "dialect v3 needs it"),
        (V1 + "token: !secret file:x\n", "token", "is not of dialect v1"),
        (V1 + "bucket: x\n", "bucket", "is not of dialect v1"),
        (V2 + "database: x\n", "database", "is not of dialect v2"),
        (V2 + "user: x\n", "user", "is not of dialect v2"),
        (V3 + "org: x\n", "org", "is not of dialect v3"),
        (V3 + "retention_policy: x\n", "retention_policy", "is not of dialect v3"),
        (VICTORIA + "database: x\n", "database", "is not of dialect victoria"),
        (VICTORIA + "user: a\npassword: !secret env:X\ntoken: !secret env:Y\n", "token", "user and password are given"),
        (V1 + "writer: influxdb-client\n", "writer", "can't write to a server of dialect v1"),
        (V1 + "retention: {classes: {router: {raw: 60d}}}\n", "retention", "take classes out"),
        (V1 + "user: noc\n", "password", "user is given without password"),
        (V1 + "password: !secret env:X\n", "password", "password is given without user"),
        (V1 + "user: a:b\npassword: !secret env:X\n", "user", "holds no ':'"),
        (V1 + "ca_file: ca.pem\n", "ca_file", "url is http, without TLS"),
        (V1.replace("http:", "https:") + "verify_tls: false\nca_file: x\n", "ca_file", "verify_tls is false"),
        (V1.replace("noc\n", '" "\n'), "database", "is empty"),
        (V1.replace("noc\n", '"a\\nb"\n'), "database", "can't be seen"),
        (V1.replace("v1", "v4"), "dialect", "v1"),
        (V1 + "timeout: 0s\n", "timeout", "longer than zero"),
        (V1 + "databse: x\n", "databse", "database"),
        (V1.replace("http://db:8086", "db:8086"), "url", "write http://host:8086"),
        (V1.replace("http://db:8086", "ftp://db"), "url", "write http://host:8086"),
        (V1.replace("http://db:8086", "http://db:99999"), "url", "write http://host:8086"),
        (V1.replace("db:8086", "db:8086?db=x"), "url", "keys of its own"),
        (V1.replace("db:8086", f"noc:{SECRET}@db:8086"), "url", "holds a log-in"),
        (V1 + f"user: noc\npassword: {SECRET}\n", "password", "by reference only"),
        (V2.replace("!secret file:token", SECRET), "token", "by reference only"),
    ],
)
def test_what_does_not_go_together_names_its_key(text: str, key: str, words: str) -> None:
    found = findings(text)
    assert len(found) == 1
    assert key in found[0]
    assert words in found[0]


def surroundings(folder: Path) -> Surroundings:
    return Surroundings(folder, folder, SystemClock())


def test_secrets_are_resolved_from_the_folder_of_the_settings_and_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n")
    for text, header in (
        (V2, f"Token {SECRET}"),
        (V3 + "token: !secret file:token\n", f"Bearer {SECRET}"),
        (V1 + "user: noc\npassword: !secret file:token\n", "Basic bm9jOmh1bnRlcjI="),
    ):
        settings = read(text)
        way = access(settings, tmp_path)
        assert way.headers == {"Authorization": header}
        shown = repr(way) + repr(settings) + settings.model_dump_json() + repr(build(settings, surroundings(tmp_path)))
        assert SECRET not in shown
        assert "bm9jOmh1bnRlcjI" not in shown
        assert way.without_secrets(f"your {header} is wrong") == f"your {header.split()[0]} … is wrong"


def test_no_log_in() -> None:
    assert access(read(V1), Path()).headers == {}


def test_a_secret_that_is_not_there_is_told_by_its_reference(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"secret 'file:token': .*no such file"):
        build(read(V2), surroundings(tmp_path))


@pytest.mark.parametrize("token", [f"{SECRET} x", f"{SECRET}\nX-Evil: 1", f"{SECRET}é"])
def test_a_token_that_would_bend_the_header_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    with pytest.raises(SecretError, match="secret 'file:token': a token is ASCII") as raised:
        build(read(V2), surroundings(tmp_path))
    assert SECRET not in str(raised.value)


def test_a_file_of_certificates_starts_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"{tmp_path}/tls/ca\.pem: no such file"):
        build(read(V1.replace("http:", "https:") + "ca_file: tls/ca.pem\n"), surroundings(tmp_path))


def test_a_bucket_with_a_policy_is_read_as_database_and_policy(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    way = access(read(V2.replace("bucket: noc", "bucket: noc/month")), tmp_path)
    assert way.raw.write_params == {"org": "un", "bucket": "noc/month", "precision": "ms"}
    assert way.raw.query_params == {"db": "noc", "rp": "month", "epoch": "ms"}
    assert "--db 'noc' --rp 'month'" in way.missing


@pytest.mark.parametrize(
    ("text", "write", "query"),
    [
        (V1, {"db": "noc", "rp": "rollup_5m"}, {"db": "noc", "rp": "rollup_5m"}),
        (V2, {"org": "un", "bucket": "noc/rollup_5m"}, {"db": "noc", "rp": "rollup_5m"}),
        (V3, {"bucket": "noc_rollup_5m"}, {"db": "noc_rollup_5m"}),
    ],
)
def test_roll_ups_have_places_of_their_own(text: str, write: object, query: object, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    place = access(read(text), tmp_path).rolled["5m"]
    assert {key: value for key, value in place.write_params.items() if key != "precision"} == write
    assert {key: value for key, value in place.query_params.items() if key != "epoch"} == query


def test_victoriametrics_keeps_no_roll_ups(tmp_path: Path) -> None:
    way = access(read(VICTORIA), tmp_path)
    assert (way.rolled, way.authorization, way.server) == ({}, None, "VictoriaMetrics http://db:8428")
