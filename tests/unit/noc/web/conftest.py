from __future__ import annotations

from tests.templates import kept_templates

__all__ = ["kept_templates"]
