"""Distribution of work by a message broker: a dispatcher fills its queue from the backlog, workers on any machine empty it.

The store stays the truth.  A message carries the id of a row and the token of its lease; a broker that loses its messages,
or is lost itself, costs no more than the time until the rows are due again.
"""
