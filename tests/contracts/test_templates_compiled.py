"""Every template of the pages compiles: its blocks, macros, filters and tests are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.web.manifest import STATIC, Manifest
from noc.web.pages import TEMPLATES, environment

FILES = sorted(TEMPLATES.glob("*.html"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_template_compiles(path: Path) -> None:
    assert environment(Manifest(STATIC)).get_template(path.name).name == path.name
