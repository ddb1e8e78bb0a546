"""Local (unix domain) sockets that cannot be had."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import brief
from .local import LOCAL, connect_local, listen_local


@case(
    "listen-accept/local/errors",
    title="Local addresses that fail: the same POSIX atoms, but paths that are none are refused in two ways",
    means="""A path in use, a missing one and a plain file give eaddrinuse, enoent and econnrefused on both. A path that
    is too long is einval on inet, and on socket a term with the whole address in it, long enough to fill a log line; an
    option of another family is an exit or einval. A port that is not 0 raises.""",
    source=LOCAL,
    needs=("local",),
)
def errors(t: Subject) -> Term:
    ok(listen_local(t, "taken"))
    Path(t.path("plain")).touch()
    return [
        ("same_path", brief(listen_local(t, "taken"))),
        ("connect_missing", brief(connect_local(t, "missing"))),
        ("listen_port_1", brief(listen_at(t, list(t.path("port").encode()), port=1))),
        ("path_200", brief(listen_at(t, list(b"x" * 200)))),
        ("path_300", brief(listen_at(t, list(b"x" * 300)))),
        ("connect_plain_file", brief(connect_local(t, "plain"))),
        ("connect_port_1", brief(t.catch(gen_tcp.connect, ("local", t.path("taken")), 1, t.options(), 500))),
        ("connect_with_inet_opt", brief(connect_local(t, "taken", "inet"))),
    ]


def listen_at(t: Subject, path: Term, *, port: int = 0) -> Term:
    return t.catch(gen_tcp.listen, port, t.options(("ifaddr", ("local", path))))


@case(
    "connect/local/full-backlog",
    title="A local listener with a full queue: eagain on socket, and on inet a socket that is not connected",
    means="""For local addresses the system does not wait for room: connect(2) is EAGAIN at once. inet takes that for a
    connection in progress and gives you a socket that has no peer: the first use says so. Ask for peername, or be
    ready for a first send that says closed.""",
    source=LOCAL,
    needs=("local",),
)
def full_backlog(t: Subject) -> Term:
    t.raw_listener(backlog=0, path=t.path("full"))
    first = connect_local(t, "full", "binary", ("active", False))
    return (brief(first), [not_connected(t, call) for call in CALLS], not_connected_active(t))


CALLS: tuple[Callable[[Term], Term], ...] = (
    inet.peername,
    lambda sock: gen_tcp.send(sock, b"x"),
    lambda sock: gen_tcp.recv(sock, 0, 100),
    lambda sock: gen_tcp.shutdown(sock, "write"),
    gen_tcp.close,
)


def not_connected(t: Subject, call: Callable[[Term], Term]) -> Term:
    match connect_local(t, "full", "binary", ("active", False)):
        case ("ok", sock):
            return ("ok", t.catch(call, sock))
        case refused:
            return refused


def not_connected_active(t: Subject) -> Term:
    made = connect_local(t, "full", "binary", ("active", True))
    return (brief(made), t.messages(idle=0.2))
