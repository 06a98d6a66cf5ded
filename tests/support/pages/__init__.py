"""Web sites that tests capture, good, bad and hostile; everything is our own writing."""
