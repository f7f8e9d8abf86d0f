"""Who may log in: passwords, one-time codes, sessions, tokens, the audit (docs/adr/0027)."""
