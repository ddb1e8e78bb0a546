"""Functions of inet, inet_tcp and file in the forms that no other case calls; what is common is in other modules."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from pathlib import Path

from gentcp.erl import gen_tcp, inet_tcp

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask, brief

LOCALHOST = list(b"localhost")


@case(
    "inet/undocumented/timeouts",
    title="getaddrs, gethostbyname and gethostbyaddr take a time as well",
    means="""The time is a limit for the name servers that OTP asks itself, which is not how it is set up by default:
    the system resolves names, however long that takes. The answers are those of the forms without a time.""",
    source="inet:getaddrs/3; inet:gethostbyname/3; inet:gethostbyaddr/2 (undocumented)",
)
def timeouts(t: Subject) -> Term:
    calls: list[tuple[str, list[Term]]] = [
        ("getaddrs", [LOCALHOST, "inet"]),
        ("gethostbyname", [LOCALHOST, "inet"]),
        ("gethostbyaddr", [(127, 0, 0, 1)]),
    ]
    return [
        (name, ask(t, "inet", name, *arguments, 5000) == ask(t, "inet", name, *arguments), *bad(t, name, arguments))
        for name, arguments in calls
    ]


def bad(t: Subject, name: str, arguments: list[Term]) -> list[Term]:
    return [ask(t, "inet", name, *arguments, time) for time in (-1, "soon")]


@case(
    "inet/undocumented/ip",
    title="ip gives the IPv4 address of a tuple or a name",
    means="""A short way to write getaddr(Host, inet) that old code uses. What is no IPv4 address is einval: there is
    no nxdomain to be told from it.""",
    source="inet:ip/1 (undocumented)",
)
def ip(t: Subject) -> Term:
    hosts: list[Term] = [(127, 0, 0, 1), LOCALHOST, "localhost", (0, 0, 0, 0, 0, 0, 0, 1), (127, 0, 0), 1]
    return [ask(t, "inet", "ip", host) for host in hosts]


@case(
    "inet/undocumented/getif-through-a-socket",
    title="getif and getifaddrs ask through a socket; on socket getif refuses that",
    means="""Options or a socket say how to ask the system, and the answer is the same: getif tells the IPv4 addresses
    of interfaces with their broadcast addresses and masks. getifaddrs is what is documented, has IPv6 as well, and
    takes any socket of the backend socket, closed ones too.""",
    source="inet:getif/1 (undocumented); inet:getifaddrs/1",
)
def getif(t: Subject) -> Term:
    sock = t.pair()[0]
    found = [loopback(ask(t, "inet", "getif", how)) for how in ([], [("inet_backend", "inet")], sock)]
    gen_tcp.close(sock)
    return (found, [brief(ask(t, "inet", name, sock)) for name in ("getif", "getifaddrs")])


def loopback(result: Term) -> Term:
    """Of the interfaces those with the loopback address; an error as it is."""
    return [entry for entry in result[1] if entry[0] == (127, 0, 0, 1)] if result[0] == "ok" else result


@case(
    "prim-inet/accept/inet-tcp",
    title="inet_tcp:accept waits for ever unless it is given a time",
    means="""As gen_tcp:accept, which calls it for sockets of the inet backend and those only.""",
    source="inet_tcp:accept/1,2 (undocumented)",
)
def accept(t: Subject) -> Term:
    listener = t.listen(("active", False))
    t.raw_connect(t.port(listener))
    acceptor = t.spawn(t.catch, inet_tcp.accept, listener)
    return (acceptor.outcome(2.0), t.catch(inet_tcp.accept, listener, 10), gen_tcp.close(listener))


@case(
    "sendfile/raw/opened-here",
    title="sendfile wants a file that was opened raw",
    means="""open with raw gives what sendfile/5 takes. Of a file that was closed meanwhile inet says badarg, socket
    einval; the part that was sent before has arrived.""",
    source="file:open/2; file:sendfile/5; file:close/1",
)
def opened(t: Subject) -> Term:
    path = t.path("content")
    Path(path).write_bytes(b"0123456789")
    sock, peer = t.pair()
    name = list(path.encode())
    _, raw = ask(t, "file", "open", name, ["raw", "read", "binary"])
    sent = ask(t, "file", "sendfile", raw, sock, 2, 3, [])
    closed = ask(t, "file", "close", raw)
    return (
        sent,
        peer.recv_exact(3),
        closed,
        ask(t, "file", "close", raw),
        ask(t, "file", "sendfile", raw, sock, 0, 1, []),
    )
