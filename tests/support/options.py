"""Options for tests that compare: values that make sense, values that do not, and what can be read back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gentcp.terms import ImproperList

Term = Any
LOOPBACK6 = (0, 0, 0, 0, 0, 0, 0, 1)

GOOD: dict[str, list[Term]] = {
    "active": [True, False, "once", 1, 5, 0, -3, 32767],
    "bind_to_device": [b"", b"lo"],
    "buffer": [1, 100, 4096, 9216, 70000],
    "debug": [False],  # true makes a VM write to the pipe that it is asked through
    "delay_send": [True, False],
    "deliver": ["term", "port"],
    "dontroute": [True, False],
    "exclusiveaddruse": [True, False],
    "exit_on_close": [True, False],
    "header": [0, 2],
    "high_msgq_watermark": [1, 5000, 9000, 100000],
    "high_watermark": [0, 100, 9000, 100000],
    "ipv6_v6only": [True, False],
    "keepalive": [True, False],
    "keepcnt": [1, 5, 127],
    "keepidle": [1, 100],
    "keepintvl": [1, 50],
    "line_delimiter": [10, 59, 0, 255],
    "linger": [(True, 5), (False, 0), (True, 0)],
    "low_msgq_watermark": [1, 3000, 50000],
    "low_watermark": [0, 50, 5000, 200000],
    "mode": ["list", "binary"],
    "nodelay": [True, False],
    "packet": [0, 1, 2, 4, "raw", "line", "http", "http_bin", "httph", "asn1", "sunrm", "cdr", "fcgi", "tpkt"],
    "packet_size": [0, 100, 70000],
    "priority": [0, 3, 6],
    "read_ahead": [True, False],
    "recbuf": [4096, 20000, 100000],
    "recvtclass": [True, False],
    "recvtos": [True, False],
    "recvttl": [True, False],
    "reuseaddr": [True, False],
    "reuseport": [True, False],
    "reuseport_lb": [True, False],
    "send_timeout": ["infinity", 100, 0],
    "send_timeout_close": [True, False],
    "show_econnreset": [True, False],
    "sndbuf": [4608, 20000, 100000],
    "tclass": [0, 8, 224],
    "tos": [0, 16, 184],
    "ttl": [1, 64, 255],
    "user_timeout": [0, 3000],
}
"""Those of the manual that setopts takes."""

OTHERS: dict[str, list[Term]] = {
    "add_membership": [((224, 0, 0, 1), (127, 0, 0, 1)), ((65282, 0, 0, 0, 0, 0, 0, 1), 0), "x"],
    "backlog": [5],
    "broadcast": [True],
    "foo": [1],
    "ifaddr": [(127, 0, 0, 1)],
    "ip": [(127, 0, 0, 1)],
    "netns": [b"/x", [47, 120], 5],
    "non_block_send": [True],
    "nopush": [True, False],
    "pktoptions": [[]],
    "port": [0],
    "protocol": ["tcp"],
    "read_packets": [3],
    "start_opts": [[]],
    "tcp_module": ["inet_tcp"],
}
"""Those for other calls, for other sockets, or of nobody's."""

ODD: list[Term] = [
    True, False, 0, 1, 3, 5, 8, -1, -2, 64, 100, 255, 256, 1000, 70000, (1 << 31) - 1, 1 << 31, -(1 << 31),
    (1 << 32) - 1, 1 << 32, (1 << 32) + 5, 1 << 64, -(1 << 40), 1.0, 1.5, "infinity", "foo",
    "undefined", "once", "list", "binary",
    "term", "port", "raw", "line", "ssl", "ssl_tls", (True, 5), (False, 3), (True, -1), (True, 1 << 31), ("foo", 1),
    (1, 5), (True, 5, 6), (True, "x"), b"", b"lo", b"nosuch0", b"averyveryverylongname", b"l\0o", b"\xff\xfe", [], "lo",
    [108, 111], ["a"], (6, 1, b"\1\0\0\0"), (1, 9, b"\1\0\0\0"), (6, 1, 4), (6, 1, b""), (9999, 1, b"\0\0\0\0"),
    (6, 1, b"\1"), (127, 0, 0, 1), {"a": 1}, (), (3, 8192), [("timeout", 5)],
]  # fmt: skip
"""Values of any type, on the edges of ranges and beyond."""

WRITTEN_OTHERWISE: list[Term] = [
    "binary", "list", "inet", "inet6", "local", "foo", 5, (), ("a",), "raw", ("raw", 6, 1, b"\1\0\0\0"),
    ("raw", 6, 1, b"\0\0\0\0"), ("raw", 6, 1, 4), ("raw", (6, 1, b"\1\0\0\0")), ("raw", "tcp", 1, True),
]  # fmt: skip

READ: list[Term] = [*GOOD, *OTHERS, ("raw", 6, 1, 4)]
"""What getopts is asked for, one by one."""

RAW_REQUESTS: list[Term] = [
    ("raw", 6, 1, size)
    for size in (0, 3, 4, -1, 65522, 65523, 1 << 33, b"", b"abcdefgh", 1.5, "foo", "integer", "boolean")
] + [
    ("raw", (6, 1, 4)), ("raw", (6, 1)), ("raw", 1), ("raw", "undefined"), ("raw", 9999, 1, 4), ("raw", "tcp", 1, 4),
    ("raw", "foo", 1, 4), ("raw", 6, "x", 4),
]  # fmt: skip
"""Ways to ask for a raw option."""


def good() -> st.SearchStrategy[Term]:
    """An option of the manual with a value that makes sense."""
    return _of(GOOD)


def any_option() -> st.SearchStrategy[Term]:
    """Most are good."""
    names = [*GOOD, *(name for name in OTHERS if name != "port")]
    odd = st.tuples(st.sampled_from(names), st.sampled_from(ODD)).filter(_measurable)
    return st.one_of(*[_of(GOOD)] * 5, _of(OTHERS), odd, st.sampled_from(WRITTEN_OTHERWISE))


def option_lists(options: st.SearchStrategy[Term], longest: int = 5) -> st.SearchStrategy[Term]:
    """Lists of them; a few are improper."""
    lists = st.lists(options, max_size=longest)
    improper = st.builds(ImproperList, st.lists(options, min_size=1, max_size=2), st.just("tail"))
    return st.one_of(*[lists] * 19, improper)


def _of(table: dict[str, list[Term]]) -> st.SearchStrategy[Term]:
    return st.sampled_from([(name, value) for name, values in table.items() for value in values])


def _measurable(option: tuple[str, Term]) -> bool:
    """Not what ends the pipe to a VM, or crashes a process of the socket backend much later."""
    name, value = option
    return option != ("debug", True) and (name != "exit_on_close" or isinstance(value, bool))
