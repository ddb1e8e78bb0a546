"""The lines of an HTTP head as terms.  What does not parse is `("http_error", line)`.

`text` makes a string for the term: `bytes` for the types that end in `_bin`, `list` for the others.  OTP is lenient,
and so is this: versions and ports of any size wrap around in 32 bits, what follows a request's version is ignored, and
a request without version is HTTP/0.9.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ._http_names import METHODS, TOKEN, header_name

Term = Any
Text = Callable[[bytes], Term]

_BLANKS = b" \t"
_REQUEST = re.compile(
    rb"([%b]++)[ \t]++([^ \t]++)(?:[ \t]*+\Z|[ \t]++HTTP/([0-9]++)\.([0-9]++))" % re.escape(TOKEN), re.DOTALL
)
_RESPONSE = re.compile(rb"HTTP/([0-9]++)\.([0-9]++)[ \t]++([0-9]*+)(?:[ \t]++|\Z)(.*+)", re.DOTALL)
_HALF = 1 << 31
_DIGITS = 32
"""Of a longer number only so many count in 32 bits, since 10 to that power is a multiple of 2 to the same."""


def start_line(line: bytes, text: Text) -> Term:
    """`("http_request", method, uri, version)` or `("http_response", version, status, phrase)`."""
    bare = _without_end(line)
    found = _response(bare, text) if bare.startswith(b"HTTP/") else _request(bare, text)
    return found or ("http_error", text(line))


def header_line(line: bytes, text: Text) -> Term:
    """`("http_header", number, name, name_as_it_came, value)`, or "http_eoh" for the empty line behind the headers."""
    bare = _without_end(line)
    if not bare:
        return "http_eoh"
    name, colon, value = bare.partition(b":")
    found = header_name(name) if colon else None
    if found is None:
        return ("http_error", text(line))
    number, usual = found
    known = usual if isinstance(usual, str) else text(usual)
    return ("http_header", number, known, text(name), text(value.lstrip(_BLANKS)))


def _without_end(line: bytes) -> bytes:
    if line[-2:-1] == b"\r":
        return line[:-2]
    return line[:-1]


def _request(line: bytes, text: Text) -> Term:
    match = _REQUEST.match(line)
    if match is None:
        return None
    method, uri, major, minor = match.groups()
    version = (0, 9) if major is None else (_number(major), _number(minor))
    return ("http_request", METHODS.get(method) or text(method), _uri(uri, text), version)


def _response(line: bytes, text: Text) -> Term:
    match = _RESPONSE.match(line)
    if match is None:
        return None
    major, minor, status, phrase = match.groups()
    return ("http_response", (_number(major), _number(minor)), _number(status), text(phrase))


def _number(digits: bytes) -> int:
    """As a signed 32-bit number; no digits are 0."""
    if len(digits) < 10:
        return int(digits or b"0")
    return (int(digits[-_DIGITS:]) + _HALF) % (2 * _HALF) - _HALF


def _uri(uri: bytes, text: Text) -> Term:
    if uri == b"*":
        return "*"
    if uri[0] == 0x2F or len(uri) == 1:
        return ("abs_path", text(uri))
    head = uri[:8].lower()
    if head.startswith(b"http://"):
        return _absolute("http", uri[7:], text)
    if head == b"https://":
        return _absolute("https", uri[8:], text)
    scheme, colon, rest = uri.partition(b":")
    return ("scheme", text(scheme), text(rest)) if colon else text(uri)


def _absolute(scheme: str, rest: bytes, text: Text) -> Term:
    """`("absoluteURI", scheme, host, port, path)`; a port that is none, or 0, is "undefined"."""
    authority, _slash, path = rest.partition(b"/")
    bracket = authority.find(b"]") if authority.startswith(b"[") and b":" in authority else -1
    host, colon, digits = authority[bracket + 1 :].partition(b":")
    if bracket > 0:  # an IPv6 address; what is between it and the port is dropped, and the port with it
        host, colon = authority[: bracket + 1], b"" if host else colon
    port = _number(digits) if colon and digits.isdigit() else 0
    return ("absoluteURI", scheme, text(host), port or "undefined", text(b"/" + path))
