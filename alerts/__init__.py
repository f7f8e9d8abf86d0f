"""Alerts: rules, root cause, incidents, on-call, escalation and the notifiers that reach a person."""
