"""Which files and functions have to do with sockets: the others are not looked at, which is most of the time saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

_FUNCTIONS = (
    rb"gen_tcp|prim_inet|inet6?_(?:tcp|db)|:?\binet\b\s*[:.]|\bis_port\b|\bport_\w+|\bPort\."
    rb"|[Tt]ransport\w*\s*[:.]"
)
_MESSAGES = rb"\btcp_(?:closed|error|passive)\b|\binet_(?:reply|async)\b|\{\s*:?tcp\s*,"
_OTHERS = rb"\{\s*:?'?(?:EXIT|DOWN|http)'?\s*,"
"""Of others, too; a file that has nothing else is not about sockets."""
_OPTIONS = (
    rb"\b(?:send_timeout|inet_backend|nodelay|reuse(?:addr|port)|(?:high|low)_(?:msgq_)?watermark|delay_send|deliver"
    rb"|exit_on_close|show_econnreset|keep(?:alive|cnt|idle|intvl)|linger|packet(?:_size)?|recbuf|sndbuf|user_timeout"
    rb"|line_delimiter|read_ahead|active|ifaddr|bind_to_device|tcp_module|recvt\w+|netns|ipv6_v6only|exclusiveaddruse)\b"
)
_SOCKETS = re.compile(b"|".join((_FUNCTIONS, _MESSAGES, _OTHERS, _OPTIONS)))
_FILE = re.compile(b"|".join((_FUNCTIONS, _MESSAGES)) + rb"|\bsend_timeout|\binet_backend|\bexit_on_close")
_NAME = re.compile(rb"[\w?!']+")

_Form = TypeVar("_Form")


def file_is_about_sockets(data: bytes) -> bool:
    """Whether there is anything to look at."""
    return _FILE.search(data) is not None


def is_about_sockets(text: bytes) -> bool:
    """Whether a form names something of sockets."""
    return _SOCKETS.search(text) is not None


def chosen(forms: Sequence[_Form], text_of: Callable[[_Form], bytes]) -> list[_Form]:
    """The forms about sockets, and those that call a function which is."""
    texts = [text_of(form) for form in forms]
    about = [is_about_sockets(text) for text in texts]
    names = {match[0] for text, is_about in zip(texts, about, strict=True) if is_about and (match := _named(text))}
    if names:
        calls = re.compile(rb"\b(?:" + b"|".join(map(re.escape, sorted(names))) + rb")\s*\(")
        about = [is_about or calls.search(text) is not None for text, is_about in zip(texts, about, strict=True)]
    return [form for form, is_about in zip(forms, about, strict=True) if is_about]


def _named(text: bytes) -> re.Match[bytes] | None:
    """What a function is called, at the beginning of its first clause."""
    match = re.match(rb"(?:\(?def(?:un|p|macrop?)?\s+)?", text)
    return _NAME.match(text, match.end() if match else 0)
