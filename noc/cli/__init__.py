"""The command line. One file a command: its name is the command's name.

A command file has either `command`, a function that typer understands, or `app`, a typer.Typer with subcommands.
Data goes to stdout, words for people to stderr; exit codes are those that `noc --help` names.
"""

from noc.cli._root import main

__all__ = ["main"]
