"""Pages that take the machine's memory, or crash their renderer."""

from __future__ import annotations

import gzip
import io
import struct
import zlib

from PIL import Image

from tests.hostile.kind import SEEN, Kind, html, script
from tests.support.pages.sites import answer

GIGABYTE = 1 << 30


def inflating(prefix: bytes, size: int) -> bytes:
    """A gzip stream of ``prefix`` and ``size`` spaces, a thousandth as long; its checksum is wrong, which browsers ignore."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(prefix) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)  # stands for itself: it may be repeated
    return gzip.compress(b"")[:10] + start + block * (size >> 20) + packer.flush() + bytes(8)


def huge_png(side: int) -> bytes:
    """A picture of ``side`` x ``side`` pixels of one bit, small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join([packer.compress(row * 64) for _ in range(side // 64)]) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def many_frames() -> bytes:
    """An animation of two thousand large frames."""
    frames = [Image.new("P", (2000, 2000), number % 2) for number in range(2)]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:] * 300, duration=10, loop=0)
    return output.getvalue()


def _bomb(prefix: bytes = b"", times: int = 1, media_type: str = "text/html") -> bytes:
    body, encoding = inflating(prefix, GIGABYTE), "gzip"
    for _ in range(times - 1):
        body, encoding = gzip.compress(body, mtime=0), f"{encoding}, gzip"
    return answer(body, media_type=media_type, Content_Encoding=encoding)


KINDS = (
    Kind(
        name="gzip-bomb",
        does="unpacks from a megabyte to a gigabyte",
        routes={"": _bomb(b"<!doctype html><title>bomb</title>" + SEEN.encode())},
        note="unpacks to more than",
    ),
    Kind(
        name="nested-gzip-bomb",
        does="is packed twice: a few kilobytes that unpack to a gigabyte",
        routes={"": _bomb(SEEN.encode(), 2)},
        note="unpacks to more than",
    ),
    Kind(
        name="script-bomb",
        does="loads a script that unpacks to a gigabyte",
        routes={
            "": html(f"{SEEN}<script src=bomb.js></script>"),
            "bomb.js": _bomb(media_type="text/javascript"),
        },
    ),
    Kind(
        name="image-bomb",
        does="shows a picture of 256 million pixels",
        routes={
            "": html(f"{SEEN}<img src=bomb.png width=40 height=40>"),
            "bomb.png": answer(huge_png(16000), media_type="image/png"),
        },
    ),
    Kind(
        name="animation-bomb",
        does="shows an animation of hundreds of large frames, twenty times over",
        routes={
            "": html(SEEN + "".join(f"<img src=bomb.gif?{n} width=40 height=40>" for n in range(20))),
            "bomb.gif": answer(many_frames(), media_type="image/gif"),
        },
    ),
    Kind(
        name="icon-bomb",
        does="names a picture of 256 million pixels as its icon",
        routes={
            "": html(head="<link rel=icon href=bomb.png>"),
            "bomb.png": answer(huge_png(16000), media_type="image/png"),
        },
    ),
    Kind(
        name="entity-bomb",
        does="is XML whose entities unfold to billions of letters",
        routes={
            "": answer(
                (
                    "<!DOCTYPE lolz [<!ENTITY a0 'lol'>"
                    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
                    + "]><html xmlns='http://www.w3.org/1999/xhtml'><body><h1>seen</h1><p>&a9;</p></body></html>"
                ).encode(),
                media_type="application/xhtml+xml",
            )
        },
    ),
    Kind(
        name="heap-loop",
        does="fills the script heap in an endless loop",
        routes={"": script("const hoard = []; while (true) hoard.push(new Array(1e6).fill({}))")},
    ),
    Kind(
        name="heap-crash",
        does="fills the script heap until the renderer crashes",
        routes={
            "": script(
                "const hoard = []; const fill = () => { for (let i = 0; i < 40; i++)"
                " hoard.push(new Array(1e6).fill({})); setTimeout(fill, 0) }; fill()"
            )
        },
    ),
    Kind(
        name="buffer-hoard",
        does="takes memory outside the script heap without end",
        routes={"": script("const hoard = []; setInterval(() => hoard.push(new Uint8Array(1e8).fill(1)), 20)")},
    ),
    Kind(
        name="blob-hoard",
        does="hands blobs to the browser process without end",
        routes={
            "": script(
                "const hoard = [], piece = new Uint8Array(2e7); setInterval(() => hoard.push(new Blob([piece])), 20)"
            )
        },
    ),
    Kind(
        name="storage-hoard",
        does="fills local storage, caches and databases",
        routes={
            "": script(
                "const big = 'x'.repeat(1e6); setInterval(() => { try { localStorage[Math.random()] = big } catch {}"
                "caches.open('a').then((c) => c.put('/' + Math.random(), new Response(big))).catch(() => {});"
                "const r = indexedDB.open('a' + Math.random(), 1);"
                "r.onupgradeneeded = () => r.result.createObjectStore('s').put(big, 1) }, 5)"
            )
        },
    ),
)
