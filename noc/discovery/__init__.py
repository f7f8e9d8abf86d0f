"""Discovery: finds devices in the network, proposes them to people, and shows where inventory and network disagree."""
