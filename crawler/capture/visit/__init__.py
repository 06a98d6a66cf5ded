"""One visit of one address: navigate, wait until the page has settled, take pictures and facts, conclude."""
