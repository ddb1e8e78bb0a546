"""The lines of an HTTP head as terms, their strings as bytes.  What does not parse is `("http_error", line)`.

OTP is lenient, and so is this: versions and ports of any size wrap around in 32 bits, what follows a request's version
is ignored, and a request without version is HTTP/0.9.
"""

from __future__ import annotations

import re
from typing import Any

from ._http_names import METHODS, SPELLINGS, TOKEN, header_name

Term = Any

BLANKS = b" \t"
_RETURN, _SLASH, _TAB = b"\r/\t"
_REQUEST = re.compile(
    rb"([%b]++)[ \t]++([^ \t]++)(?:[ \t]*+\Z|[ \t]++HTTP/([0-9]++)\.([0-9]++))" % re.escape(TOKEN), re.DOTALL
)
_RESPONSE = re.compile(rb"HTTP/([0-9]++)\.([0-9]++)[ \t]++([0-9]*+)(?:[ \t]++|\Z)(.*+)", re.DOTALL)
_VERSIONS = {b"HTTP/1.1": (1, 1), b"HTTP/1.0": (1, 0)}
_HALF = 1 << 31
_DIGITS = 32
"""Of a longer number only so many count in 32 bits, since 10 to that power is a multiple of 2 to the same."""


def start_line(line: bytes) -> Term:
    """`("http_request", method, uri, version)` or `("http_response", version, status, phrase)`.  `line` has its end."""
    return start(_text(line)) or ("http_error", line)


def header_line(line: bytes) -> Term:
    """`("http_header", number, name, name_as_it_came, value)`, or "http_eoh" for the empty line behind the headers."""
    name, _, value = line.partition(b": ")
    found = SPELLINGS.get(name)
    if found and value >= b"!" and value[-2] == _RETURN:  # it begins with no blank, so nearly all do
        return ("http_header", *found, name, value[:-2])
    text = _text(line)
    return header(text) or (("http_error", line) if text else "http_eoh")


def _text(line: bytes) -> bytes:
    """Without its end; a recv with a length that packet became HTTP under may have cut it anywhere."""
    if line[-2:-1] == b"\r":
        return line[:-2]
    return line[:-1] if line[-1:] == b"\n" else line


def header(text: bytes) -> Term:
    """`header_line` of a line without its end, or None."""
    name, colon, value = text.partition(b":")
    found = header_name(name) if colon else None
    return found and ("http_header", *found, name, value.lstrip(BLANKS))


def start(text: bytes) -> Term:
    """`start_line` of a line without its end, or None."""
    return plain_start(text) or (_response(text) if text.startswith(b"HTTP/") else _request(text))


def plain_start(text: bytes) -> Term:
    """`start` of lines as nearly all are; None for others."""
    first, _, rest = text.partition(b" ")
    second, _, third = rest.partition(b" ")
    try:
        if second[0] == _SLASH:
            if _TAB not in second:
                return ("http_request", METHODS[first], ("abs_path", second), _VERSIONS[third])
        elif len(second) == 3 and second.isdigit() and third[0] not in BLANKS:
            return ("http_response", _VERSIONS[first], int(second), third)
    except (IndexError, KeyError):
        pass
    return None


def with_lists(term: Term) -> Term:
    """`term` with lists of numbers where it has bytes."""
    if not isinstance(term, tuple):
        return list(term) if isinstance(term, bytes) else term
    if term[0] == "http_header":
        tag, number, known, name, value = term
        return (tag, number, known if number else list(known), list(name), list(value))
    return tuple(map(with_lists, term))


def _request(line: bytes) -> Term:
    match = _REQUEST.match(line)
    if match is None:
        return None
    method, uri, major, minor = match.groups()
    version = (0, 9) if major is None else (_number(major), _number(minor))
    return ("http_request", METHODS.get(method) or method, _uri(uri), version)


def _response(line: bytes) -> Term:
    match = _RESPONSE.match(line)
    if match is None:
        return None
    major, minor, status, phrase = match.groups()
    return ("http_response", (_number(major), _number(minor)), _number(status), phrase)


def _number(digits: bytes) -> int:
    """As a signed 32-bit number; no digits are 0."""
    if len(digits) < 10:
        return int(digits or b"0")
    return (int(digits[-_DIGITS:]) + _HALF) % (2 * _HALF) - _HALF


def _uri(uri: bytes) -> Term:
    if uri == b"*":
        return "*"
    if uri[0] == _SLASH or len(uri) == 1:
        return ("abs_path", uri)
    head = uri[:8].lower()
    if head.startswith(b"http://"):
        return _absolute("http", uri[7:])
    if head == b"https://":
        return _absolute("https", uri[8:])
    scheme, colon, rest = uri.partition(b":")
    return ("scheme", scheme, rest) if colon else uri


def _absolute(scheme: str, rest: bytes) -> Term:
    """`("absoluteURI", scheme, host, port, path)`; a port that is none, or 0, is "undefined"."""
    authority, _slash, path = rest.partition(b"/")
    bracket = authority.find(b"]") if authority.startswith(b"[") and b":" in authority else -1
    host, colon, digits = authority[bracket + 1 :].partition(b":")
    if bracket > 0:  # an IPv6 address; what is between it and the port is dropped, and the port with it
        host, colon = authority[: bracket + 1], b"" if host else colon
    port = _number(digits) if colon and digits.isdigit() else 0
    return ("absoluteURI", scheme, host, port or "undefined", b"/" + path)
