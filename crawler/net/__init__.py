"""All network access of the program: the guard, DNS, and HTTP to services that the operator named."""
