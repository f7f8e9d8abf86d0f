"""The eleven words of noc as frozen types. Standard library only, no I/O (docs/architecture.md)."""
