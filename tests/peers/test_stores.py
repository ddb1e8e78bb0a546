"""Lines and values: redis and memcached answer the examples that talk to them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from ..support.programs import ON_ALL, listening, need, need_switching, run

LONG = "x" * 100_000


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("redis-server"), tmp_path_factory.mktemp("redis")
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    with listening(lambda port: [program, "--port", str(port), *quiet], folder) as port:
        yield port


@pytest.fixture(scope="module")
def memcached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("memcached"), tmp_path_factory.mktemp("memcached")
    settings = ["-l", "127.0.0.1", "-U", "0", "-u", getpass.getuser()]
    with listening(lambda port: [program, "-p", str(port), *settings], folder) as port:
        yield port


@ON_ALL
def test_redis_answers(backend: str, redis: int) -> None:
    need_switching(backend)
    printed = run("redis_ping.py", "--host", "127.0.0.1", "--port", str(redis), "--backend", backend)
    assert printed.splitlines() == ["PING b'PONG'", "SET b'OK'", r"GET b'two\nlines'", "GET None"]


@ON_ALL
def test_memcached_keeps_values(backend: str, memcached: int) -> None:
    need_switching(backend)
    values = ["END", "two\r\nlines\r\n", "", LONG]
    printed = run(
        "memcached_get.py", "--host", "127.0.0.1", "--port", str(memcached), "--backend", backend, backend, *values
    )
    stored = [f"{backend}-{number} STORED" for number in range(1, 5)]
    fetched = [f"{backend}-{number} {value.encode()!r}" for number, value in enumerate(values, 1)]
    assert printed.splitlines() == stored + fetched
