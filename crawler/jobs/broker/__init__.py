"""Candidates as messages: a dispatcher fills the queue from the backlog, workers on any machine take them from it.

The store stays the truth.  A message carries the id of a row and the token that it is held by; a broker that loses its messages,
or is lost itself, costs no more than the time until the rows are due again.
"""
