"""Which files and functions have to do with sockets: the others are not looked at, which is most of the time saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

_FUNCTIONS = (
    rb"gen_tcp|prim_inet|inet6?_(?:tcp|db)|:?\binet\b\s*[:.]|\bis_port\b|\bport_\w+|\bPort\."
    rb"|[Tt]ransport\w*\s*[:.]|\bgetstat|\bsend_pend\b|\bfile:sendfile\b|:file\.sendfile\b"
)
_MESSAGES = rb"\btcp_(?:closed|error|passive)\b|\binet_(?:reply|async)\b|\{\s*:?tcp\s*,"
_OTHERS = (
    rb"\{\s*:?'?(?:EXIT|DOWN|http|local|ssl_tls)'?\s*,|\bspawn(?:_link|_monitor)?\s*\(|,\s*:?kill\s*\)"
    rb"|\bsystem_monitor\b|\{\s*:?ip\s*,|\bip:\s|[\[,{]\s*:?inet6?\s*[,\]]|\b(?:un)?link\s*\(|\bmonitor\s*\(\s*:?port\b"
)
_OPTIONS = (
    rb"\b(?:send_timeout(?:_close)?|inet_backend|nodelay|reuse(?:addr|port(?:_lb)?)|(?:high|low)_(?:msgq_)?watermark"
    rb"|delay_send|deliver|exit_on_close|show_econnreset|keep(?:alive|cnt|idle|intvl)|packet(?:_size)?|recbuf|sndbuf"
    rb"|user_timeout|line_delimiter|read_ahead|active|ifaddr|linger|header|tos|ttl|tclass|protocol|nopush|buffer|fd"
    rb"|bind_to_device|tcp_module|recvt\w+|netns|ipv6_v6only|exclusiveaddruse)\b"
)
_SOCKETS = re.compile(b"|".join((_FUNCTIONS, _MESSAGES, _OTHERS, _OPTIONS)))
_WORDS = (
    b"gen_tcp", b"prim_inet", b"inet:", b":inet", b"inet_", b"inet6_tcp", b"is_port", b"port_command", b"Port.",
    b"ransport", b"tcp_closed", b"tcp_error", b"tcp_passive", b"{tcp,", b"{:tcp,", b"#(tcp", b"send_timeout",
    b"exit_on_close", b"getstat", b"send_pend", b"sendfile",
)  # fmt: skip
"""A file without any is not about sockets; a search for plain words takes a fraction of what an expression takes."""
_NAME = re.compile(rb"(?:\(?def(?:un|p|macrop?)?\s+)?([\w?!']+)")
_GIVEN = re.compile(rb"(\w+)\((?:catch\s+)?:?(?:gen_tcp|inet|prim_inet)[.:]")
_NEVER = re.compile(rb"(?!)")
_ROUNDS = 2
"""How far functions that wrap those that wrap OTP's are followed."""

_Form = TypeVar("_Form")


def file_is_about_sockets(data: bytes) -> bool:
    """Whether there is anything to look at."""
    return any(word in data for word in _WORDS)


def is_about_sockets(text: bytes) -> bool:
    """Whether a form names something of sockets."""
    return _SOCKETS.search(text) is not None


def chosen(forms: Sequence[_Form], text_of: Callable[[_Form], bytes]) -> list[_Form]:
    """The forms about sockets, the functions that call them, and those that are given their results."""
    texts = [text_of(form) for form in forms]
    about = [is_about_sockets(text) for text in texts]
    given = {name for text, is_about in zip(texts, about, strict=True) if is_about for name in _GIVEN.findall(text)}
    for _ in range(_ROUNDS):
        names = {name for text, is_about in zip(texts, about, strict=True) if is_about and (name := _named(text))}
        calls = re.compile(rb"\b(?:" + b"|".join(map(re.escape, sorted(names))) + rb")\s*\(") if names else _NEVER
        about = [
            is_about or _named(text) in given or calls.search(text) is not None
            for text, is_about in zip(texts, about, strict=True)
        ]
    return [form for form, is_about in zip(forms, about, strict=True) if is_about]


def _named(text: bytes) -> bytes:
    """What a function is called, at the beginning of its first clause."""
    match = _NAME.match(text)
    return match[1] if match else b""
