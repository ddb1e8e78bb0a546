"""Generated packets of every type: well-formed ones, and ones that have been tampered with."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import strategies as st

Data = st.SearchStrategy[bytes]

_EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF]
_WIDE = [
    *_EDGES,
    1 << 26,
    0x7FFFFFF3,
    0x7FFFFFF6,
    0x7FFFFFFA,
    0x7FFFFFFB,
    0x7FFFFFFC,
    0x7FFFFFFF,
    1 << 31,
    0xFFFFFFFC,
    0xFFFFFFFF,
]


def _sized(form: str, sizes: list[int], *fields: st.SearchStrategy[Any], at: int = 0) -> Data:
    """A header of the struct `form`, field `at` being a length, and a payload that may or may not be as long."""
    payload = st.binary(max_size=12)
    size = st.none() | st.sampled_from(sizes)

    def build(parts: tuple[Any, ...]) -> bytes:
        *values, size, payload = parts
        values.insert(at, len(payload) if size is None else size)
        packed: bytes = struct.pack(form, *values) + payload
        return packed

    return st.tuples(*fields, size, payload).map(build)


def _some(*parts: bytes) -> Data:
    return st.sampled_from(parts)


def _joined(*parts: Data) -> Data:
    return st.tuples(*parts).map(b"".join)


# ---- counted packets

_BYTE = st.integers(0, 255)
_TAG = st.one_of(
    st.sampled_from([0x30, 0x04, 0x02, 0x7E]).map(lambda byte: bytes([byte])),
    st.lists(st.integers(128, 255), max_size=4).map(lambda more: bytes([0x1F, *more, 5])),
    _some(b"\x1f", b"\xff\x80", b"\x3f\x81\x82"),
)
_BER_LENGTH = st.one_of(
    st.integers(0, 12).map(lambda size: bytes([size])),
    st.tuples(st.integers(0, 5), st.sampled_from(_WIDE)).map(
        lambda pair: bytes([0x80 | pair[0]]) + (pair[1] % (1 << 8 * pair[0])).to_bytes(pair[0], "big")
    ),
    _some(b"\x85", b"\x86\0\0\0\0\0\1", b"\xfe", b"\xff" + bytes(130), b"\x80"),
)
_COUNTED: dict[str | int, Data] = {
    1: _sized(">B", [0, 1, 5, 12, 255]),
    2: _sized(">H", _EDGES),
    4: _sized(">I", _WIDE),
    "sunrm": _sized(">I", [*_WIDE, 0x80000003, 0x80000000]),
    "cdr": _sized(">4sBBBBI", _WIDE, st.sampled_from([b"GIOP", b"GIOX", b"giop"]), _BYTE, _BYTE, _BYTE, _BYTE, at=5)
    | _sized("<4sBBBBI", _WIDE, st.just(b"GIOP"), _BYTE, _BYTE, st.just(1), _BYTE, at=5),
    "fcgi": _sized(">BBHHBB", _EDGES, st.sampled_from([1, 1, 1, 2]), _BYTE, st.just(1), st.integers(0, 9), _BYTE, at=3),
    "tpkt": _sized(">BBH", _EDGES, st.sampled_from([3, 3, 3, 2]), _BYTE, at=2),
    "asn1": _joined(_TAG, _BER_LENGTH, st.binary(max_size=12)),
    "ssl_tls": _sized(">BBBH", _EDGES, _BYTE, st.integers(0, 4), st.integers(0, 4), at=3)
    | _sized(">HBBB", [0x8000 + size for size in range(12)], st.sampled_from([1, 1, 2]), _BYTE, _BYTE),
}  # fmt: skip

# ---- lines

_END = _some(b"\r\n", b"\r\n", b"\n", b"\r", b"", b"\r\n ", b"\n\t", b"\r\r\n")
_BLANK = _some(b" ", b" ", b" ", b"", b"\t", b"  ", b" \t ")
_METHOD = _some(*b"GET POST OPTIONS HEAD PUT DELETE TRACE CONNECT get GE(T \x7f \xc4".split(), b"")
_HOST = _some(*b"a example.org [::1] [::1]x [::1 [a] a[b] u@a".split(), b"")
_PORT = _some(b"", b"", *b": :80 :0 :8x :-1 8 :4294967376 :2147483648 :4294967296".split(), b":" + b"9" * 40)
_AUTHORITY = _joined(_HOST, _PORT)
_SCHEME = _some(*b"http:// https:// HTTP:// hTTps:// http:/ https: mailto: ftp:// :".split(), b"")
_PATH = _some(*b"/ /a?b=c#d * // x".split(), b"", b"/" + bytes(range(128, 140)), b"/\0\r")
_NUMBER = _some(*b"1 0 9 10 x -1 2147483648 4294967297".split(), b"", b"9" * 40)
_VERSION = _joined(
    _some(b"HTTP/", b"HTTP/", b"HTTP/", b"http/", b"HTTP", b""), _NUMBER, _some(b".", b".", b".", b""), _NUMBER
)
_REQUEST = _joined(_METHOD, _BLANK, _SCHEME, _AUTHORITY, _PATH, _BLANK, _VERSION, _some(b"", b"", b" x", b"x"), _END)
_STATUS = _joined(
    _VERSION, _BLANK, _some(b"200", b"404", b"", b"2x", b"99999999999"), _BLANK, _some(b"OK", b"", b"a b"), _END
)
_NAME = st.one_of(
    _some(*b"Host host HOST content-length Content-MD5 ETag www-Authenticate set-cookie2 Te Proxy-connection".split()),
    _some(*b"X-y-ZZ -a a--bC a- A_bC x1Y (x) h\x80 \x7fA".split(), b"", b"a b"),
    st.integers(48, 53).map(lambda size: b"aB-" * 16 + b"cD" * (size - 48)),
    st.text("aAbBzZ-19_.", max_size=12).map(str.encode),
)
_VALUE = st.lists(_some(b"a", b" ", b"\t", b"b c", b":", b"\0", b"\xff", b"\r\n ", b"\n\t", b"x" * 30), max_size=5).map(
    b"".join
)
_HEADER = _joined(_NAME, _some(b":", b":", b":", b" :", b""), _VALUE, _END)
_LINE = st.lists(_some(b"a", b"bc", b"\n", b"\r\n", b";", b"\0", b"\xff", b"x" * 20), max_size=8).map(b"".join)
_HTTP = st.lists(st.one_of(_REQUEST, _STATUS, _HEADER, _END), min_size=1, max_size=3).map(b"".join)

PACKETS: dict[str | int, Data] = {
    **_COUNTED,
    "raw": st.binary(max_size=5),
    0: st.binary(max_size=5),
    "line": _LINE,
    "http": st.one_of(_REQUEST, _STATUS, _HTTP),
    "http_bin": st.one_of(_REQUEST, _STATUS, _HTTP),
    "httph": st.one_of(_joined(_HEADER, _some(b"x", b"\r\n", b"", b" ")), _HTTP),
    "httph_bin": st.one_of(_joined(_HEADER, _some(b"x", b"\r\n", b"", b" ")), _HTTP),
}  # fmt: skip
"""By packet type."""


@st.composite
def tampered(draw: st.DrawFn, data: Data) -> bytes:
    """`data` with up to three pieces of it cut out, put in or replaced, or cut off at the end."""
    changed = draw(data)
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        start = draw(st.integers(0, len(changed)))
        end = draw(st.integers(start, min(start + 4, len(changed))))
        changed = (
            changed[:start] + draw(st.binary(max_size=3) | _some(b"\n", b" ", b"\r\n", b":", b"\xff")) + changed[end:]
        )
    return changed[: draw(st.integers(0, len(changed)))] if draw(st.integers(0, 3)) == 0 else changed


SIZES = st.integers(0, 40) | st.sampled_from([100, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 32) - (1 << 8)])
"""OTP 29 adds header and payload in 32 bits; with a still larger `packet_size` sums that wrap around end the VM."""
_OPTION = st.tuples(st.sampled_from(["packet_size", "packet_size", "line_length"]), SIZES)
_DELIMITER = st.tuples(st.just("line_delimiter"), st.sampled_from([10, 0, 59, 255]))


def options(kind: str | int) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Of decode_packet; what is given twice counts as it is given last."""
    one = _OPTION | _DELIMITER if kind == "line" else _OPTION
    return st.lists(one, max_size=3)
