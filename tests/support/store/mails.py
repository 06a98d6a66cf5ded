"""Mails as customers forward them."""

from __future__ import annotations

import zlib
from email.message import EmailMessage

import cv2
import numpy as np

REPORTER = "anna.muster@customer.example"


def forwarded(subject: str = "Fwd: Your account") -> EmailMessage:
    """An empty report."""
    message = EmailMessage()
    message["From"] = f"Anna Muster <{REPORTER}>"
    message["To"] = "abuse@bank.example"
    message["Subject"] = subject
    return message


def qr_code(text: str) -> bytes:
    """A picture of a QR code; PNG."""
    code = cv2.QRCodeEncoder.create().encode(text)
    large = cv2.resize(code, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    framed = cv2.copyMakeBorder(large, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255,))
    return bytes(np.asarray(cv2.imencode(".png", framed)[1]))


def pdf(*urls: str, packed: bool = False) -> bytes:
    """The bones of a PDF file with link annotations."""
    links = b"".join(b"<< /Type /Annot /A << /S /URI /URI (" + url.encode() + b") >> >>\n" for url in urls)
    if packed:
        links = b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zlib.compress(links) + b"\nendstream\n"
    return b"%PDF-1.7\n1 0 obj\n" + links + b"endobj\n%%EOF\n"
