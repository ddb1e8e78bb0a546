"""Parsers of request heads in memory: `run(parser, seconds)` gives heads and processor seconds.

A parser takes a head and returns method, target, and how many headers there were.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import process_time

from . import turns

_NAMES = (
    ("Host", "example.org"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://example.org/a/page"),
    ("Connection", "keep-alive"),
    ("Cookie", "session=0123456789abcdef0123456789abcdef; theme=dark"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Cache-Control", "max-age=0"),
    ("If-None-Match", '"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
    ("X-Forwarded-For", "192.0.2.1"),
)
HEAD = b"GET /a/page?with=query HTTP/1.1\r\n" + b"".join(f"{n}: {v}\r\n".encode() for n, v in _NAMES) + b"\r\n"
EXPECTED = (b"GET", b"/a/page?with=query", len(_NAMES))

Parser = Callable[[bytes], tuple[bytes, bytes, int]]


def _by_hand() -> Parser:
    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        first, *lines = head[:-4].split(b"\r\n")
        method, target, _version = first.split(b" ", 2)
        headers: list[tuple[bytes, bytes]] = []
        for line in lines:
            name, value = line.split(b":", 1)
            headers.append((name, value.strip()))
        return method, target, len(headers)

    return parse


def _gentcp() -> Parser:
    """One packet a call, as in Erlang."""
    from gentcp.erl.erlang import decode_packet

    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        _, (_, method, target, _), rest = decode_packet("http_bin", head, [])
        headers: list[tuple[object, ...]] = []
        while True:
            _, packet, rest = decode_packet("httph_bin", rest, [])
            if packet == "http_eoh":
                return method.encode(), target[1], len(headers)
            headers.append(packet)

    return parse


def _gentcp_whole() -> Parser:
    """A head a call."""
    from gentcp.packet import decode_packets

    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        _, ((_, method, target, _), *headers, _), _ = decode_packets("http_bin", head)
        return method.encode(), target[1], len(headers)

    return parse


def _h11() -> Parser:
    import h11

    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(head)
        request = connection.next_event()
        assert isinstance(request, h11.Request)
        return request.method, request.target, len(request.headers)

    return parse


def _httptools() -> Parser:
    import httptools

    class Request:
        def __init__(self) -> None:
            self.headers: list[tuple[bytes, bytes]] = []
            self.on_header = lambda name, value: self.headers.append((name, value))
            self.target = b""

        def on_url(self, url: bytes) -> None:
            self.target = url

    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        request = Request()
        parser = httptools.HttpRequestParser(request)
        parser.feed_data(head)
        return parser.get_method(), request.target, len(request.headers)

    return parse


def _http_client() -> Parser:
    def parse(head: bytes) -> tuple[bytes, bytes, int]:
        file = io.BytesIO(head)
        method, target, _version = file.readline().split(b" ", 2)
        return method, target, len(http.client.parse_headers(file).items())

    return parse


PARSERS: dict[str, Callable[[], Parser]] = {
    "raw": _by_hand,
    "gentcp": _gentcp,
    "gentcp, whole": _gentcp_whole,
    "h11": _h11,
    "httptools": _httptools,
    "http.client": _http_client,
}


def run(channel: Connection, name: str, seconds: float) -> None:
    parse = PARSERS[name]()
    if (found := parse(HEAD)) != EXPECTED:
        raise ValueError(f"{name} found {found}")
    turns.for_a_while(lambda: parse(HEAD), turns.WARM_UP * seconds)
    before = process_time()
    count, _ = turns.for_a_while(lambda: parse(HEAD), seconds)
    channel.send((count, process_time() - before))
