"""The packet types, and what is known of each."""

from __future__ import annotations

from ._asn1 import Ber
from ._cdr import Giop
from ._family import Family
from ._fcgi import FastCgi
from ._http import HeaderLine, StartLine
from ._length import LengthPrefix
from ._line import Line
from ._sunrm import SunRecord
from ._tls import TlsRecord
from ._tpkt import Tpkt

FAMILIES: dict[str | int, Family] = {
    1: LengthPrefix(1), 2: LengthPrefix(2), 4: LengthPrefix(4), "line": Line(),
    "asn1": Ber(), "cdr": Giop(), "sunrm": SunRecord(), "fcgi": FastCgi(), "tpkt": Tpkt(),
    "http": StartLine(lists=True), "http_bin": StartLine(),
    "httph": HeaderLine(lists=True), "httph_bin": HeaderLine(),
    "ssl_tls": TlsRecord(),
}  # fmt: skip
"""The packet types that have a framing; raw (or 0) has none."""

HEAD_FAMILIES: dict[str | int, Family] = {
    kind: FAMILIES[then]
    for kind, then in {"http": "httph", "http_bin": "httph_bin", "httph": "httph", "httph_bin": "httph_bin"}.items()
}
"""The packet types of HTTP: what a stream goes on with behind a start line."""

TAGS: dict[str | int, str] = {**dict.fromkeys(HEAD_FAMILIES, "http"), "ssl_tls": "ssl_tls"}
"""The packet types whose packets are terms, and the tag of their messages, which for all others is tcp."""

HEADER_BYTES: dict[str | int, int] = {1: 1, 2: 2, 4: 4}
"""The packet types that send puts a header in front of, and its length in bytes."""

RAW: tuple[str | int, ...] = ("raw", 0)
