"""Find brands' names in host names and URLs: exact, look-alike, mistyped, or beside words that lure."""
