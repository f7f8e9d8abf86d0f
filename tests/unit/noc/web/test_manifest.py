from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from noc.http.problems import ProblemError
from noc.web.manifest import Manifest


def test_names_become_addresses_with_a_hash(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"noc.js": "noc.abc.js"}))
    manifest = Manifest(tmp_path)
    assert manifest.url("noc.js") == "/static/noc.abc.js"
    with pytest.raises(ProblemError, match=r"has no other\.js; in a checkout run `make assets`"):
        manifest.url("other.js")


@pytest.mark.parametrize("text", [None, "{", "\0"])
def test_assets_that_were_not_built_are_told_in_a_sentence(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ProblemError, match="the pages were not built") as told:
        Manifest(tmp_path).url("noc.js")
    assert told.value.status == 503


def test_assets_that_are_built_while_noc_runs_are_found(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    with pytest.raises(ProblemError):
        manifest.url("noc.js")
    (tmp_path / "manifest.json").write_text(json.dumps({"noc.js": "noc.abc.js"}))
    assert manifest.url("noc.js") == "/static/noc.abc.js"


@pytest.mark.parametrize("name", ["../pages.py", "manifest.json", "noc.js", ""])
async def test_only_built_files_are_served(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"noc.js": "noc.abc.js"}))
    request = make_mocked_request("GET", "/static/x", match_info={"name": name})
    with pytest.raises(ProblemError) as told:
        await Manifest(tmp_path).serve(request)
    assert told.value.status == 404
