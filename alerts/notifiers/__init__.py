"""Notifiers: ways to tell a person, one file each; the file name is the registration (docs/extend/notifier.md)."""
