"""`python -m noc.simulator ARGUMENTS.json`: see noc.simulator.run."""

import sys

from noc.simulator.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
