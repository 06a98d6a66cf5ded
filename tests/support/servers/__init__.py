"""Real servers on this machine, each on a port of its own."""
