"""Names that the HTTP packet types know: they are delivered as atoms, and headers with a number."""

from __future__ import annotations

import re
from functools import lru_cache

METHODS = {name.encode(): name for name in ("OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE")}

HEADERS = (
    "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding", "Upgrade", "Via", "Accept", "Accept-Charset",
    "Accept-Encoding", "Accept-Language", "Authorization", "From", "Host", "If-Modified-Since", "If-Match",
    "If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Proxy-Authorization", "Range", "Referer",
    "User-Agent", "Age", "Location", "Proxy-Authenticate", "Public", "Retry-After", "Server", "Vary", "Warning",
    "Www-Authenticate", "Allow", "Content-Base", "Content-Encoding", "Content-Language", "Content-Length",
    "Content-Location", "Content-Md5", "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified",
    "Accept-Ranges", "Set-Cookie", "Set-Cookie2", "X-Forwarded-For", "Cookie", "Keep-Alive", "Proxy-Connection",
)  # fmt: skip
"""Programs see the number, which counts from 1 in this order; 0 is any other header."""

TOKEN = bytes(sorted(set(range(33, 128)) - set(b'()<>@,;:\\"/[]?={}')))
"""The bytes that names of methods and headers are made of; unlike in RFC 9110 the last is 127."""

_INDEX = {name.encode(): (index, name) for index, name in enumerate(HEADERS, 1)}
_LONGEST = 50
"""Longer names keep their spelling."""
_PIECE = re.compile(rb"(?s).[^-]*-?")


def header_name(name: bytes) -> tuple[int, str | bytes] | None:
    """Number and atom of a known header, 0 and the name as it is spelt usually for another; None for no name."""
    if len(name) <= _LONGEST:
        return _short_name(name)
    return None if name.translate(None, TOKEN) else (0, name)


@lru_cache(maxsize=1024)
def _short_name(name: bytes) -> tuple[int, str | bytes] | None:
    if name.translate(None, TOKEN):
        return None
    usual = _PIECE.sub(lambda piece: piece[0].capitalize(), name)
    return _INDEX.get(usual, (0, usual))
