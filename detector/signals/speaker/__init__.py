"""Tell who speaks on a page: the lines in which it names itself, the name that two of them agree on, what it only writes about."""
