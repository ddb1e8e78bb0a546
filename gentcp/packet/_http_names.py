"""Names that the HTTP packet types know: they are delivered as atoms, and headers with a number."""

from __future__ import annotations

import re

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

_LONGEST = 50
"""Longer names keep their spelling."""
_PIECE = re.compile(rb"(?s).[^-]*-?")
_INDEX: dict[bytes, tuple[int, str | bytes]] = {name.encode(): (index, name) for index, name in enumerate(HEADERS, 1)}
SPELLINGS = _INDEX | {name.lower(): found for name, found in _INDEX.items()}
"""Number and usual name by spelling, as `header_name` gives them, of names that have been met."""
SPELLINGS_KEPT = 1024
"""When there would be more, all are forgotten: a peer can invent names without end."""


def header_name(name: bytes) -> tuple[int, str | bytes] | None:
    """Number and atom of a known header, 0 and the name as it is spelt usually for another; None for no name."""
    found = SPELLINGS.get(name)
    if found is not None or name.translate(None, TOKEN):
        return found
    if len(name) > _LONGEST:
        return (0, name)
    usual = _PIECE.sub(lambda piece: piece[0].capitalize(), name)
    found = _INDEX.get(usual, (0, usual))
    if len(SPELLINGS) >= SPELLINGS_KEPT:
        SPELLINGS.clear()
    SPELLINGS[name] = found
    return found
