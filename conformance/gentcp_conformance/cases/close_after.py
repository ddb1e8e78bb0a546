"""Calls on a socket that has ended, and monitors."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Callable

import gentcp
from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import close_peer, joined, reset_peer


def address_only(result: Term) -> Term:
    """A result without the values that change: {ok, addr} and {ok, int}."""
    match result:
        case ("ok", (tuple(), int())):
            return ("ok", "addr")
        case ("ok", int()):
            return ("ok", "int")
        case _:
            return result


@case(
    "close-shutdown/names/after-the-end",
    title="peername before anybody has noticed the end: fine after a close, enotconn after a reset",
    means="""The name of the peer is the system's knowledge and outlives the peer's close, but not its reset. For log
    lines ask for the name when the connection opens and keep it.""",
    source="inet:peername/1, sockname/1",
)
def names_after_the_end(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    closed = address_only(inet.peername(sock))
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return (closed, address_only(inet.peername(sock)), address_only(inet.sockname(sock)))


def monitored(t: Subject, sock: Term) -> Term:
    """Reason of the monitor's message if the socket is gone already."""
    reference = inet.monitor(sock)
    match t.messages(idle=0.05):
        case [("DOWN", ref, _, _, why)] if ref == reference:
            return ("down", why)
        case _:
            return inet.cancel_monitor(reference)


def every_call(t: Subject, sock: Term, pause: float = 0.0) -> list[Term]:
    """What each function gives, `pause` seconds apart where a call has effects that show a moment later."""
    me, other = gentcp.current_process(), t.spawn(lambda: "ok").process
    calls = [
        ("peername", lambda: inet.peername(sock)),
        ("sockname", lambda: inet.sockname(sock)),
        ("port", lambda: inet.port(sock)),
        ("getopts_active", lambda: inet.getopts(sock, ["active"])),
        ("getopts_nodelay", lambda: inet.getopts(sock, ["nodelay"])),
        ("setopts_nodelay", lambda: inet.setopts(sock, [("nodelay", True)])),
        ("getstat", lambda: inet.getstat(sock, ["recv_oct"])),
        ("info", lambda: sorted(inet.info(sock))),
        ("monitor", lambda: monitored(t, sock)),
        ("controlling_process_self", lambda: gen_tcp.controlling_process(sock, me)),
        ("accept", lambda: gen_tcp.accept(sock, 10)),
        ("send", lambda: gen_tcp.send(sock, b"a")),
        ("recv", lambda: gen_tcp.recv(sock, 0, 30)),
        ("unrecv", lambda: gen_tcp.unrecv(sock, b"a")),
        ("setopts_active", lambda: (inet.setopts(sock, [("active", "once")]), t.messages(idle=0.05))),
        ("shutdown", lambda: gen_tcp.shutdown(sock, "read")),
        ("controlling_process_other", lambda: gen_tcp.controlling_process(sock, other)),
        ("close", lambda: gen_tcp.close(sock)),
    ]
    return [(name, address_only(settled(t, call, pause))) for name, call in calls]


def settled(t: Subject, call: Callable[[], Term], pause: float) -> Term:
    """The value of a call; what it brings into the mailbox within `pause` seconds is thrown away."""
    value = t.catch(call)
    if pause:
        t.messages(idle=pause)
    return value


@case(
    "close-shutdown/after-close/every-call",
    title="Every function on a socket you have closed",
    means="""Two families of answers: gen_tcp functions say closed on inet, while on socket send, shutdown and the
    names say closed and the rest einval; inet functions say einval on inet. The monitor fires at once, with noproc or
    nosock. Code that must run on both treats closed, einval and enotconn as one.""",
    source="gen_tcp, inet: all functions that take a socket",
    contradicts="""That a closed socket is indicated by {error, closed}. On socket recv, accept and controlling_process
    say einval.""",
)
def every_call_after_close(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return every_call(t, sock)


@case(
    "close-shutdown/after-close/every-call-on-listener",
    title="Every function on a listener you have closed",
    means="""A closed listener answers like a closed connection, including accept: closed on inet, einval on
    socket.""",
    source="gen_tcp, inet: all functions that take a socket",
    contradicts="That accept on a closed listen socket gives {error, closed}. On socket it gives einval.",
)
def every_call_on_listener(t: Subject) -> Term:
    listener = t.listen()
    gen_tcp.close(listener)
    return every_call(t, listener)


@case(
    "close-shutdown/monitor/own-close-and-peer-close",
    title="inet:monitor: the DOWN message has type port and reason normal, or socket and closed",
    means="""Both backends tell a monitoring process of the end, after tcp_closed if there is one. The type and reason
    in the message differ, so match on the reference only.""",
    source="inet:monitor/1",
)
def monitor_closes(t: Subject) -> Term:
    sock, _ = t.pair()
    reference = inet.monitor(sock)
    gen_tcp.close(sock)
    own = t.messages(1)
    sock, peer = joined(t, "binary", ("active", True))
    inet.monitor(sock)
    peer.close()
    return (isinstance(reference, gentcp.Ref), own, t.messages(2))


@case(
    "close-shutdown/monitor/passive",
    title="A passive socket's monitor fires at recv on socket, at close on inet",
    means="""On socket the recv that reads the end of file ends the socket and fires the monitor; on inet the port
    lives on until close, and a process that waits for DOWN to clean up never does so if it is the one that should
    close. Close on {error, closed}.""",
    source="inet:monitor/1; inet:setopts/2, option exit_on_close",
    contradicts="""That a monitor is triggered by any close, that of the remote end included. On inet a passive socket's
    is not.""",
)
def monitor_passive(t: Subject) -> Term:
    sock, peer = t.pair()
    inet.monitor(sock)
    close_peer(peer)
    gen_tcp.recv(sock, 0, 500)
    at_recv = t.messages()
    gen_tcp.close(sock)
    return (at_recv, t.messages())
