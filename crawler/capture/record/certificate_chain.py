"""Read the certificate chain of a server, its own certificate first."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from urllib.parse import urlsplit

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError

MAX_CERTIFICATES = 20
MAX_DER = 65_536
_LINE = 64


async def certificate_chain(devtools: DevTools, url: str) -> bytes | None:
    """Return the chain of an https address as PEM (RFC 7468), as the browser received it; None where there is none."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    with suppress(DevToolsError):
        answer = await devtools.send("Network.getCertificate", {"origin": f"https://{parts.netloc}"}, seconds=2)
        return pem(answer.get("tableNames", []))
    return None


def pem(chain: list[str]) -> bytes | None:
    """Convert certificates from base64 DER to PEM, bounded in number and size; invalid base64 is left out."""
    blocks = []
    for text in chain[:MAX_CERTIFICATES]:
        try:
            der = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if 0 < len(der) <= MAX_DER:
            body = base64.b64encode(der).decode("ascii")
            lines = "\n".join(body[start : start + _LINE] for start in range(0, len(body), _LINE))
            blocks.append(f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    return "".join(blocks).encode("ascii") or None
