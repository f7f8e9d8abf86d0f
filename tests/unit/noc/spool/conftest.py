"""Every spool of these tests proves in the end that it adds up."""

from __future__ import annotations

from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture
