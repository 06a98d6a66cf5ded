"""Web addresses: the one way in from text that people, feeds and mails write, and links that other services wrap.

:func:`~crawler.addresses.reader.read_address` reads one entry, :func:`~crawler.addresses.text_search.find_addresses` running text.
"""
