"""Read brand names in host names and URLs: exact, look-alike, misspelt, or beside words that lure."""
