"""TLS without certificate checks: what a site shows is evidence, whoever signed its certificate."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def unverified_context() -> ssl.SSLContext:
    """Return the TLS settings of all connections of the process: TLS 1.2 or later, HTTP/1.1, any certificate.

    No certificate authorities are loaded: nothing is checked, and loading them takes longer (50 ms) than the rest of a request.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
