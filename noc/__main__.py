"""`python -m noc`: the same as `noc`."""

from noc.cli import main

main()
