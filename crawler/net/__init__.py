"""Every socket of the program: the guard, DNS, and HTTP for what we fetch on our own account."""
