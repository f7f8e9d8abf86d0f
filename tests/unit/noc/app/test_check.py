"""`check`: everything in one run, nothing raised."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from noc.app.check import check
from noc.app.settings import RootSettings

from .conftest import CLEAN, Checking

ROOT = Path(__file__).parents[4]


def test_a_clean_configuration(checking: Checking) -> None:
    result = checking.run({})
    assert result.findings == ()
    assert result.ok
    assert result.settings is not None
    assert result.inventory is not None
    assert result.inventory.devices["nbo-rtr-1"].watch.credentials == "standard"
    assert (result.devices, result.sites, len(result.files)) == (1, 1, 2)
    assert "generic" in result.profiles
    assert result.folder == Path()


def test_the_shipped_sample_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = check(Path("config/noc.yaml"), {})
    assert result.findings == ()
    assert result.settings is not None
    assert result.inventory is not None
    assert {"brindisi", "valencia", "new-york", "geneva", "nairobi", "bangkok"} < set(result.inventory.sites)
    assert result.inventory.devices["mak-rtr-1"].watch.interval == timedelta(minutes=3)
    assert result.inventory.devices["bds-ups-1"].watch.poll_interval == timedelta(minutes=5)
    assert result.inventory.devices["goma-ups-1"].watch.poll_interval == timedelta(minutes=15)


def test_the_shipped_sample_shows_every_part_of_the_settings() -> None:
    sample = (ROOT / "config" / "noc.yaml").read_text()
    missing = [key for key in RootSettings.model_fields if re.search(rf"^(?:# ?)?{key}:", sample, re.MULTILINE) is None]
    assert missing == []
    assert "  rediscover: 1h " in sample


def test_everything_wrong_is_told_in_one_run(checking: Checking) -> None:
    result = checking.run(
        {
            "noc.yaml": (
                "staet_dir: /var/lib/noc\n"
                "credentials:\n"
                "  standard: {snmp: {version: 2c, community: !secret env:NOPE}}\n"
                "  broken: {snmp: {version: 4}}\n"
                "defaults: {credentials: standard}\n"
                "profiles: own\n"
            ),
            "inventory/more.yaml": (
                "devices:\n"
                "  a: {site: nairobi, address: 192.0.2.2, class: router, credentials: broken}\n"
                "  b: {site: nairobi, address: 192.0.2.3, class: router, credentials: brokem, profile: generc}\n"
            ),
        }
    )
    assert [str(finding) for finding in result.findings] == [
        "inventory/more.yaml:3:70: error: device 'b': unknown credentials 'brokem' (did you mean 'broken'?)",
        "inventory/more.yaml:3:87: error: device 'b': unknown profile 'generc' (did you mean 'generic'?)",
        "noc.yaml:1:1: error: unknown key 'staet_dir' (did you mean 'state_dir'?)",
        "noc.yaml:3:45: error: secret 'env:NOPE': the environment variable NOPE is not set",
        "noc.yaml:4:28: error: credentials.broken.snmp.version: '4' is not one of '1', '2c' or '3'",
        "noc.yaml:6:11: error: no such folder: own",
    ]
    assert result.settings is None
    assert result.inventory is None
    assert not result.ok


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (
            "file:absent",
            "secret 'file:absent': absent: no such file or directory; create the file, readable by noc alone",
        ),
        ("env:NOPE", "secret 'env:NOPE': the environment variable NOPE is not set"),
        (
            "cred:community",
            "secret 'cred:community': $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit",
        ),
    ],
)
def test_a_secret_that_cannot_be_resolved_is_an_error_at_its_reference(
    checking: Checking, reference: str, expected: str
) -> None:
    text = CLEAN["noc.yaml"].replace("file:community", reference)
    assert checking.messages({"noc.yaml": text}) == [f"noc.yaml:1:57: error: {expected}"]


def test_a_secret_in_an_included_file_is_found_there(checking: Checking) -> None:
    found = checking.messages(
        {
            "noc.yaml": "include: [conf.d/*.yaml]\n" + CLEAN["noc.yaml"],
            "conf.d/ssh.yaml": "credentials:\n  shell:\n    ssh: {user: noc, password: !secret env:NOPE}\n",
        }
    )
    assert found == [
        "conf.d/ssh.yaml:3:32: error: secret 'env:NOPE': the environment variable NOPE is not set",
    ]


def test_passwords_of_snmpv3_have_eight_characters(checking: Checking) -> None:
    text = (
        "credentials:\n  standard:\n    snmp:\n      version: 3\n      user: noc\n      auth: SHA-256\n"
        "      auth_key: !secret env:AUTH\n      priv: AES-128\n      priv_key: !secret env:PRIV\n"
    )
    found = checking.messages({"noc.yaml": text}, {"AUTH": "hunter2", "PRIV": "long enough"})
    assert found == [
        "noc.yaml:7:17: error: secret 'env:AUTH': SNMPv3 needs a password of 8 characters or more",
    ]


def test_no_secret_is_ever_shown(checking: Checking) -> None:
    text = (
        "credentials:\n"
        "  standard: {snmp: {version: 2c, community: !secret env:GOOD}}\n"
        "  a: {snmp: {version: 2c, community: hunter2}}\n"
        "  b: {snmp: {version: 2c, community: !secret hunter2}}\n"
        "  c: {snmp: hunter2}\n"
        "  d: {ssh: {user: noc, password: [hunter2]}}\n"
        "  e: {snmp: {version: 3, user: noc, auth: MD5, auth_key: !secret env:SHORT}}\n"
    )
    result = checking.run({"noc.yaml": text}, {"GOOD": "hunter2-hunter2", "SHORT": "hunter2"})
    assert len(result.findings) == 5
    assert "hunter2" not in repr(result)
    good = checking.run({"noc.yaml": text[: text.index("  a:")]}, {"GOOD": "hunter2-hunter2"})
    assert good.ok
    assert "hunter2" not in repr(good)
    assert good.settings is not None
    assert "hunter2" not in good.settings.model_dump_json()


def test_layers_that_are_wrong_do_not_make_devices_wrong(checking: Checking) -> None:
    text = CLEAN["noc.yaml"].replace("{credentials: standard}", "{credentials: standard, retries: many}")
    more = "devices: {x: {site: nairobi, address: 192.0.2.2, class: router, profile: generic}}"
    assert checking.messages({"noc.yaml": text, "inventory/more.yaml": more}) == [
        "noc.yaml:2:44: error: defaults.retries: must be a whole number, not 'many'"
    ]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("{devices: {ruter: {}}}", "noc.yaml:3:21: error: classes.devices: 'ruter' is not one of 'switch', 'router', "),
        ("{sites: {Field: {}}}", "noc.yaml:3:19: error: classes.sites: 'Field' is not a word of lower-case letters"),
        (
            "{sites: {rct: {}}}",
            "noc.yaml:3:19: warning: classes.sites.rct: no site is of class 'rct' (did you mean 'rtc'?)",
        ),
        (
            "{devices: {router: {profile: generc}}}",
            "noc.yaml:3:39: error: classes.devices.router: unknown profile 'generc' (did you mean 'generic'?)",
        ),
        ("{device: {}}", "noc.yaml:3:11: error: unknown key 'device' (did you mean 'devices'?)"),
    ],
)
def test_classes(checking: Checking, classes: str, expected: str) -> None:
    [message] = checking.messages({"noc.yaml": f"{CLEAN['noc.yaml']}classes: {classes}\n"})
    assert message.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: [1",
            "noc.yaml:1:4: error: not valid YAML: the [ here is not closed: a ']', or a comma, is missing",
        ),
        ("- a", "noc.yaml:1:1: error: expected a mapping of keys"),
        (
            "inventory: ${NOPE}",
            "noc.yaml:1:12: error: environment variable 'NOPE' is not set; set it or write ${NOPE:-default}",
        ),
        ("inventory: 7", "noc.yaml:1:12: error: inventory: "),
        ("inventory: absent", "noc.yaml:1:12: error: no such folder: absent"),
        ("inventory: noc.yaml", "noc.yaml:1:12: error: no such folder: noc.yaml"),
    ],
)
def test_a_settings_file_that_leads_nowhere(checking: Checking, text: str, expected: str) -> None:
    [message] = checking.messages({"noc.yaml": text + "\n"})
    assert message.startswith(expected)


def test_a_missing_settings_file_is_a_finding_too(tmp_path: Path) -> None:
    result = check(tmp_path / "noc.yaml", {})
    assert [str(finding) for finding in result.findings] == [
        f"{tmp_path}/noc.yaml: error: can't be read: no such file or directory"
    ]


def test_own_profiles_count_and_are_checked(checking: Checking) -> None:
    own = {
        "noc.yaml": CLEAN["noc.yaml"] + "profiles: own\n",
        "own/mine.yaml": "title: [mine]\n",
        "inventory/more.yaml": "devices: {x: {site: nairobi, address: 192.0.2.2, class: router, profile: mine}}",
    }
    [message] = checking.messages(own)
    assert message.startswith("own/mine.yaml:1:8: error: title: must be text")


def test_paths_below_the_current_folder_are_told_from_there(
    checking: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking.write({"inventory/all.yaml": "regionz: {}\n"})
    (checking.folder / "deeper").mkdir()
    monkeypatch.chdir(checking.folder / "deeper")
    [finding] = check(checking.folder / "noc.yaml", {}).findings
    assert finding.file == f"{checking.folder}/inventory/all.yaml"
    monkeypatch.chdir(checking.folder.parent)
    [finding] = check(checking.folder / "noc.yaml", {}).findings
    assert finding.file == f"{checking.folder.name}/inventory/all.yaml"


@pytest.mark.parametrize(
    ("http", "warned"),
    [
        ("{listen: 0.0.0.0}", True),
        ("{listen: '::'}", True),
        ("{listen: 192.0.2.7, port: many}", True),
        ("{listen: 192.0.2.7, base_url: 'http://noc.example.org'}", True),
        ("{listen: 192.0.2.7, base_url: 'https://noc.example.org'}", False),
        ("{listen: 127.0.0.1}", False),
        ("{listen: '::1'}", False),
        ("{listen: localhost}", False),
        ("{port: 80}", False),
    ],
)
def test_pages_that_are_open_to_others_are_worth_a_warning(checking: Checking, http: str, warned: bool) -> None:
    found = checking.run({"noc.yaml": f"{CLEAN['noc.yaml']}http: {http}\n"}).findings
    warnings = [finding for finding in found if finding.level == "warning"]
    assert len(warnings) == warned
    if warned:
        assert (warnings[0].line, warnings[0].column) == (3, 16)
        assert "put a proxy with TLS in front" in warnings[0].message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries({}, optional={name: st.text(max_size=40) for name in ("noc.yaml", "inventory/all.yaml")})
    | st.fixed_dictionaries({}, optional={"inventory/devices.csv": st.text(max_size=40)})
)
@example({"inventory/all.yaml": "devices: {x: {site: [nairobi], class: {a: b}, upstream: [[1]]}}"})
@example({"inventory/all.yaml": "sites: {x: {region: {}, class: [1], edge_devices: [{}]}}\nregions: [1]"})
@example({"noc.yaml": "include: 7\ncredentials: [a]\nclasses: {devices: 1}\ndefaults: x\ninventory: {a: b}"})
@example({"noc.yaml": 'inventory: "a\\0b"\nprofiles: "c\\0d"\ninclude: ["e\\0f"]\nstate_dir: "g\\0h"'})
def test_whatever_the_files_hold_nothing_is_raised(checking: Checking, files: dict[str, str]) -> None:
    (checking.folder / "inventory" / "devices.csv").unlink(missing_ok=True)
    result = checking.run(files)
    assert all(finding.message for finding in result.findings)
    assert result.ok == (result.settings is not None and result.inventory is not None)


def test_a_variable_that_is_not_set_and_a_key_written_twice_hide_nothing_else(checking: Checking) -> None:
    messages = checking.messages(
        {
            "noc.yaml": CLEAN["noc.yaml"] + "state_dir: ${NOPE}\nstate_dir: elsewhere\nwatch_me: true\n",
            "inventory/more.yaml": (
                "devices:\n"
                "  a: {site: nairobi, address: 192.0.2.2, class: router, profile: generc}\n"
                "  a: {site: nairobi, address: 192.0.2.3, class: router}\n"
                "  b: {site: nairobi, address: '${NOWHERE}', class: router}\n"
                "  c: {site: nairobj, address: 192.0.2.4, class: router}\n"
            ),
        }
    )
    assert [message.partition(": error: ")[2].partition(";")[0] for message in messages] == [
        "device 'a': unknown profile 'generc' (did you mean 'generic'?)",
        "duplicate key 'a'",
        "environment variable 'NOWHERE' is not set",
        "device 'c': unknown site 'nairobj' (did you mean 'nairobi'?)",
        "environment variable 'NOPE' is not set",
        "duplicate key 'state_dir'",
        "unknown key 'watch_me'",
    ]
