"""Migrations of the state database, run at start."""
