"""Mails as customers forward them."""

from __future__ import annotations

import base64
import io
import zlib
from email.message import EmailMessage

import cv2
import numpy as np
from PIL import Image

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


def mail_of_parts(texts: list[bytes], picture: bytes = b"") -> bytes:
    """A mail of plain parts, and one picture as an attachment where there is one."""
    head = b"From: anna@customer.example\nContent-Type: multipart/mixed; boundary=x\n\n"
    encoded = b"\n--x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(picture)
    return head + b"".join(b"--x\n\n" + text + b"\n" for text in texts) + (encoded if picture else b"") + b"--x--\n"


def nested_parts(depth: int, text: bytes) -> bytes:
    """A mail whose parts nest so deeply, with the text in the innermost."""
    begun = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth))
    return b"From: anna@customer.example\n" + b"".join(begun) + b"\n\n" + text + b"\n"


def finder_patterns(side: int) -> bytes:
    """A small picture of ``side`` times ``side`` finder patterns of QR codes, as PNG."""
    one = np.full((9, 9), 255, np.uint8)
    one[1:8, 1:8], one[2:7, 2:7], one[3:6, 3:6] = 0, 255, 0
    stream = io.BytesIO()
    Image.fromarray(np.tile(np.kron(one, np.ones((3, 3), np.uint8)), (side, side))).save(stream, "PNG")
    return stream.getvalue()
