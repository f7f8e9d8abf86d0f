"""The pages: Jinja2 templates, htmx, and a few custom elements (docs/extend/page.md)."""
