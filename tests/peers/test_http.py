"""curl, wrk and raw bytes against the example that serves HTTP from `packet="http_bin"`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support.programs import BACKENDS, ON_ALL, PATIENCE, need, need_switching, output, serving

HOST = b"Host: localhost\r\n"
BODY = bytes(range(256)) * 800
SCRIPT = """
wrk.method, wrk.body, expected = {method!r}, {body!r}, {answer!r}
local threads = {{}}
function setup(thread) table.insert(threads, thread) end
function init() good, bad = 0, 0 end
function response(status, headers, body)
    if status == 200 and body == expected then good = good + 1 else bad = bad + 1 end
end
function done(summary)
    local good, bad = 0, 0
    for _, thread in ipairs(threads) do good, bad = good + thread:get("good"), bad + thread:get("bad") end
    local errors = summary.errors
    print("RESULT", good, bad, errors.connect, errors.read, errors.write, errors.status, errors.timeout)
end
"""


@pytest.fixture
def port(backend: str) -> Iterator[int]:
    with serving("http_server.py", "--backend", backend) as port:
        yield int(port)


def curl(*arguments: str) -> str:
    return output([need("curl"), "-sS", "--fail-with-body", "--max-time", str(PATIENCE), *arguments])


def exchange(port: int, *pieces: bytes) -> bytes:
    """All that comes back when `pieces` are sent, each in a segment of its own."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
        answer = b""
        while data := client.recv(65536):
            answer += data
        return answer


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


# ---- curl


@ON_ALL
def test_curl_keeps_its_connection(backend: str, port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    assert curl("-w", "%{num_connects}\n", url, url, url) == "hello\n1\nhello\n0\nhello\n0\n"


@ON_ALL
def test_curl_posts_a_body_and_goes_on(backend: str, port: int, tmp_path: Path) -> None:
    need_switching(backend)
    url = f"http://127.0.0.1:{port}"
    sent, received = tmp_path / "sent", tmp_path / "received"
    sent.write_bytes(BODY)
    upload = ["--data-binary", f"@{sent}", "-o", str(received), "-w", "%{num_connects}\n", f"{url}/echo"]
    for headers in (
        [],
        ["-H", "Expect: 100-continue", "--expect100-timeout", "60"],
        ["-H", "Transfer-Encoding: chunked"],
    ):
        received.write_bytes(b"")
        assert curl(*headers, *upload, "--next", "-sS", "-w", "%{num_connects}\n", f"{url}/") == "1\nhello\n0\n"
        assert received.read_bytes() == BODY


@ON_ALL
def test_curl_gets_an_answer_in_chunks(backend: str, port: int) -> None:
    url, numbers = f"http://127.0.0.1:{port}", "".join(f"{number}\n" for number in range(1, 501))
    assert curl(f"{url}/count?500", f"{url}/") == f"{numbers}hello\n"
    assert curl("--raw", f"{url}/count?2") == "2\r\n1\n\r\n2\r\n2\n\r\n0\r\n\r\n"


@ON_ALL
def test_curl_speaks_the_older_version(backend: str, port: int) -> None:
    url, numbers = f"http://127.0.0.1:{port}", "".join(f"{number}\n" for number in range(1, 501))
    assert curl("--http1.0", f"{url}/count?500") == numbers
    assert curl("--http1.0", "-w", "%{num_connects}\n", f"{url}/", f"{url}/") == "hello\n1\nhello\n1\n"
    kept = curl("--http1.0", "-H", "Connection: keep-alive", "-w", "%{num_connects}\n", f"{url}/", f"{url}/")
    assert kept == "hello\n1\nhello\n0\n"


@ON_ALL
def test_curl_is_told_what_is_not_there(backend: str, port: int) -> None:
    url, code = f"http://127.0.0.1:{port}", ["-w", "%{http_code}", "-o", "/dev/null"]
    for arguments, status in [(["/none"], 404), (["/", "-X", "PROPFIND"], 501), (["/", "-I"], 200)]:
        path, *more = arguments
        printed = output([need("curl"), "-sS", "--max-time", str(PATIENCE), *code, *more, url + path])
        assert printed == str(status)


# ---- bytes that curl does not send


@ON_ALL
def test_folded_headers_are_joined(backend: str, port: int) -> None:
    request = b"GET /headers HTTP/1.1\r\n" + HOST + b"X-Folded: one\r\n two\r\n\tthree\r\nConnection: close\r\n\r\n"
    for pieces in ([request], [request[at : at + 1] for at in range(len(request))]):
        _, _, body = exchange(port, *pieces).partition(b"\r\n\r\n")
        assert body == b"connection: close\nhost: localhost\nx-folded: one two\tthree\n"


@ON_ALL
def test_requests_in_one_segment_are_answered_in_order(backend: str, port: int) -> None:
    need_switching(backend)
    get = b"GET /echo HTTP/1.1\r\n" + HOST
    post = b"POST /echo HTTP/1.1\r\n" + HOST
    answer = exchange(
        port,
        post + b"Content-Length: 3\r\n\r\none" + b"\r\n"  # an empty line too many, as some clients send
        + post + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\ntw\r\n1\r\no\r\n0\r\nTrailer: is\r\n ignored\r\n\r\n"
        + get + b"Connection: close\r\n\r\n",
    )  # fmt: skip
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses(answer) == [200, 200, 200]
    assert bodies == [b"one", b"two", b""]


@ON_ALL
def test_what_is_no_request_is_refused(backend: str, port: int) -> None:
    need_switching(backend)
    head = b"POST /echo HTTP/1.1\r\n" + HOST
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    for request, status in {
        b"GET / HTTP/1.1 and more\r\n\r\n": 400,
        b"\0\1\2\3\r\n": 400,
        b"HTTP/1.1 200 OK\r\n": 400,
        b"GET / HTTP/1.1\r\nno header\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n": 400,  # and no Host
        b"GET / HTTP/2.0\r\n": 505,
        b"GET /\r\n": 505,
        head + b"Content-Length: -1\r\n\r\n": 400,
        head + b"Content-Length: 1, 2\r\n\r\n": 400,
        head + b"Content-Length: 10000000\r\n\r\n": 413,
        head + b"Transfer-Encoding: gzip\r\n\r\n": 501,
        head + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n": 400,
        chunked + b"x\r\n": 400,
        chunked + b"2\r\nthree\r\n": 400,
        chunked + b"fffffff\r\n": 413,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101: 431,
    }.items():
        assert statuses(exchange(port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n" + request)) == [200, status], request


@ON_ALL
def test_a_refusal_arrives_although_the_client_is_still_sending(backend: str, port: int) -> None:
    size = 3_000_000
    request = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % size
    assert statuses(exchange(port, request + bytes(size))) == [413]


@ON_ALL
def test_a_line_without_end_ends_the_connection(backend: str, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        try:
            client.sendall(b"GET /" + b"x" * 100_000)
            assert client.recv(1) == b""
        except ConnectionError:
            pass  # a reset: not all was read
    assert curl(f"http://127.0.0.1:{port}/") == "hello\n"


# ---- wrk


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "/", "", "hello\n"),
        ("POST", "/echo", "GET / HTTP/1.1 " * 300, "GET / HTTP/1.1 " * 300),
        ("GET", "/count?20", "", "".join(f"{number}\n" for number in range(1, 21))),
    ],
    ids=["page", "body", "chunks"],
)
def test_wrk_gets_nothing_but_answers(
    backend: str, port: int, tmp_path: Path, method: str, path: str, body: str, answer: str
) -> None:
    script = tmp_path / "count.lua"
    script.write_text(SCRIPT.format(method=method, body=body, answer=answer))
    load = ["-t", "1", "-c", "16", "-d", "1", "--timeout", f"{PATIENCE:.0f}s", "-s", str(script)]
    printed = output([need("wrk"), *load, f"http://127.0.0.1:{port}{path}"])
    good, *wrong = printed.partition("RESULT")[2].split()
    assert wrong == ["0"] * 6, printed
    assert int(good) > 0
    # Connections are taken in turn: when this one is served, Ctrl-C does not find one that nobody owns yet.
    assert statuses(exchange(port, b"GET / HTTP/1.0\r\n\r\n")) == [200]
