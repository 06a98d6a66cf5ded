"""TLS with whoever answers: what a site says is evidence, whoever signed for it."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def anyone() -> ssl.SSLContext:
    """HTTP/1.1 over TLS 1.2 or later, no certificate refused; one for all connections of the process.

    No authorities are read: nothing is checked, and reading them takes longer (50 ms) than all else of a request.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
