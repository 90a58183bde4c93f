"""The body of an answer, read up to a limit that holds on the wire and after decompression."""

from __future__ import annotations

import zlib

import httpx

from ..errors import ToolError

ACCEPT_ENCODING = "gzip, deflate"
"""What is offered, and all that is decoded: `zlib` alone lets us bound what a compressed body unfolds into."""
# A body may consist of several gzip members; nobody needs this many.
_MAX_MEMBERS = 1000


async def read_body(response: httpx.Response, max_bytes: int, host: str) -> bytes:
    """Reads and decompresses a body; closes the answer where it has to stop.

    Args:
        response: its body is unread.
        max_bytes: the most bytes, on the wire as well as decompressed.
        host: named in messages.

    Raises:
        ToolError: it is larger, or is compressed in another way, or damaged.
    """
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > max_bytes:
        raise _too_large(host, max_bytes)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        decoder: _Plain | _Inflate = _Plain()
    elif encoding in ("gzip", "x-gzip", "deflate"):
        decoder = _Inflate(encoding, max_bytes)
    else:
        raise ToolError(f"{host} sent a body in the encoding {encoding[:40]!r}, which was not asked for.")
    on_wire = 0
    try:
        async for piece in response.aiter_raw():
            on_wire += len(piece)
            if on_wire > max_bytes:
                raise _TooLargeError
            decoder.feed(piece)
    except _TooLargeError:
        raise _too_large(host, max_bytes) from None
    except zlib.error:
        raise ToolError(f"{host} sent a body that is damaged ({encoding} cannot be decompressed).") from None
    return bytes(decoder.output)


def _too_large(host: str, max_bytes: int) -> ToolError:
    return ToolError(f"{host} sent more than {max_bytes:,} bytes, the most that is read.")


class _TooLargeError(Exception):
    pass


class _Plain:
    def __init__(self) -> None:
        self.output = bytearray()

    def feed(self, piece: bytes) -> None:
        self.output += piece


class _Inflate:
    def __init__(self, encoding: str, limit: int) -> None:
        self.output = bytearray()
        self._limit = limit
        # "deflate" is zlib's format; some servers send it without the header, which the first bytes tell.
        self._window = zlib.MAX_WBITS if encoding == "deflate" else zlib.MAX_WBITS | 16
        self._inflater = zlib.decompressobj(self._window)
        self._members = 1
        self._started = encoding != "deflate"

    def feed(self, piece: bytes) -> None:
        while piece:
            try:
                out = self._inflater.decompress(piece, self._limit + 1 - len(self.output))
            except zlib.error:
                if self._started:
                    raise
                self._started, self._window = True, -zlib.MAX_WBITS
                self._inflater = zlib.decompressobj(self._window)
                continue
            self._started = True
            self.output += out
            if len(self.output) > self._limit:
                raise _TooLargeError
            piece = self._inflater.unconsumed_tail
            if self._inflater.eof:
                piece = self._next_member(self._inflater.unused_data)

    def _next_member(self, rest: bytes) -> bytes:
        if self._window < 16 or not rest.startswith(b"\x1f\x8b"):
            return b""  # what follows the end, browsers pass over as well
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise _TooLargeError
        self._inflater = zlib.decompressobj(self._window)
        return rest
