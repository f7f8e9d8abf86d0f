"""REST below /api/v1: one file a noun; routes.py joins them. docs/reference/api.md says how to call it."""
