"""The other functions of prim_inet, and those of inet_tcp, on one socket."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Callable

import gentcp
from gentcp.erl import gen_tcp, inet, inet_db, inet_tcp, prim_inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import blocked_sender, brief, close_peer, underway
from ._ports import is_port

SOURCE = "prim_inet (undocumented)"


@case(
    "prim-inet/calls/send-recv-close",
    title="send, recv and close of prim_inet are those of gen_tcp on inet",
    means="""One look-up less, and only for sockets of the inet backend: on others function_clause.""",
    source=SOURCE,
)
def send_recv_close(t: Subject) -> Term:
    sock, peer = t.pair()
    sent = t.catch(prim_inet.send, sock, b"a")
    peer.send(b"bc")
    got = [
        t.catch(prim_inet.recv, sock, 1),
        t.catch(prim_inet.recv, sock, 0, 1000),
        t.catch(prim_inet.recv, sock, 0, 0),
    ]
    back = (t.catch(prim_inet.unrecv, sock, b"d"), t.catch(prim_inet.recv, sock, 0, "infinity") if sent == "ok" else "")
    shut = t.catch(prim_inet.shutdown, sock, "write")
    return (sent, peer.recv(), got, back, shut, t.catch(prim_inet.close, sock))


@case(
    "prim-inet/calls/closed",
    title="A closed port is einval to prim_inet, and closed to gen_tcp",
    means="""gen_tcp finds no module for the port and says closed; the driver is not there to be asked, which is einval.
    close is ok always.""",
    source=SOURCE,
)
def closed(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return _all_calls(t, sock)


def _all_calls(t: Subject, sock: Term) -> Term:
    calls: list[tuple[Callable[..., Term], tuple[Term, ...]]] = [
        (prim_inet.send, (b"a",)), (prim_inet.recv, (0, 0)), (prim_inet.unrecv, (b"a",)),
        (prim_inet.shutdown, ("read",)), (prim_inet.setopts, ([("active", False)],)),
        (prim_inet.setopt, ("active", False)), (prim_inet.getopts, (["active"],)), (prim_inet.getopt, ("active",)),
        (prim_inet.chgopts, ([("active", False)],)), (prim_inet.chgopt, ("active", False)),
        (prim_inet.getstat, (["recv_cnt"],)), (prim_inet.getfd, ()), (prim_inet.getindex, ()),
        (prim_inet.gettype, ()), (prim_inet.getstatus, ()), (prim_inet.peername, ()), (prim_inet.sockname, ()),
        (prim_inet.peernames, ()), (prim_inet.socknames, ()), (prim_inet.accept, (0,)), (prim_inet.attach, ()),
        (prim_inet.detach, ()), (inet_tcp.send, (b"a",)), (inet_tcp.recv, (0, 0)), (inet_tcp.unrecv, (b"a",)),
        (inet_tcp.shutdown, ("read",)), (inet_tcp.accept, (0,)), (inet_db.lookup_socket, ()),
        (inet_tcp.close, ()), (prim_inet.close, ()),
    ]  # fmt: skip
    return [(function.__name__, t.catch(function, sock, *arguments)) for function, arguments in calls]


@case(
    "prim-inet/calls/unplugged",
    title="A port whose peer is gone still answers, with enotconn and ebadf",
    means="""After a passive socket has been told closed, its port lives on without a descriptor: options can be read,
    the rest is enotconn.""",
    source=SOURCE,
)
def unplugged(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    gen_tcp.recv(sock, 0, 5000)
    return _all_calls(t, sock) if is_port(t, sock) else "no port"


@case(
    "prim-inet/calls/names-and-numbers",
    title="What prim_inet tells of a connected socket",
    means="""Type and status, names, counters, the descriptor; a list of names with one of them, which is for SCTP.""",
    source=SOURCE,
)
def names_and_numbers(t: Subject) -> Term:
    sock, _ = t.pair()
    listener = t.listen()
    looks: list[Callable[..., Term]] = [prim_inet.getstatus, prim_inet.gettype, prim_inet.getindex]
    told = [t.catch(look, each) for each in (sock, listener) for look in looks]
    names = [t.catch(prim_inet.peername, sock) == inet.peername(sock), t.catch(prim_inet.sockname, sock)]
    lists = [brief(t.catch(look, sock)) for look in (prim_inet.peernames, prim_inet.socknames, prim_inet.getfd)]
    lists += [brief(t.catch(prim_inet.peernames, sock, 0)), t.catch(prim_inet.socknames, sock, "foo")]
    return (told, brief(names[1]), names[0], lists, t.catch(prim_inet.getstat, sock, ["recv_cnt", "send_pend"]))


@case(
    "prim-inet/calls/status",
    title="The status of a socket in each of its states",
    means="""connected and open; busy while a sender waits for the queue; listen, and accepting while somebody is in
    accept; nothing at all once a passive socket has lost its connection.""",
    source=SOURCE,
)
def status(t: Subject) -> Term:
    sock, peer = t.stalled()
    before = t.catch(prim_inet.getstatus, sock)
    blocked_sender(t, sock, peer)
    busy = t.catch(prim_inet.getstatus, sock)
    other, its_peer = t.pair()
    close_peer(its_peer)
    gen_tcp.recv(other, 0, 5000)
    listener = t.listen()
    underway(t.spawn(gen_tcp.accept, listener))
    return (before, busy, t.catch(prim_inet.getstatus, other), t.catch(prim_inet.getstatus, listener))


@case(
    "prim-inet/calls/options",
    title="setopts and getopts of prim_inet take less than those of inet",
    means="""What inet:setopts does, for a list of options; a single one is set with setopt and read with getopt. What
    is no list, and a name that is no atom, is function_clause.""",
    source=SOURCE,
)
def options(t: Subject) -> Term:
    sock, _ = t.pair()
    return [
        t.catch(prim_inet.setopts, sock, [("packet", 2), ("nodelay", True)]),
        t.catch(prim_inet.getopts, sock, ["packet", "nodelay", "mode"]),
        t.catch(prim_inet.setopt, sock, "packet", 4),
        t.catch(prim_inet.getopt, sock, "packet"),
        t.catch(prim_inet.chgopts, sock, [("packet", 1)]),
        t.catch(prim_inet.chgopt, sock, "packet", 0),
        t.catch(prim_inet.setopts, sock, [("no_such", 1)]),
        t.catch(prim_inet.setopts, sock, [("active", "maybe")]),
        t.catch(prim_inet.getopts, sock, ["no_such"]),
        t.catch(prim_inet.getopt, sock, "no_such"),
        t.catch(prim_inet.setopts, sock, "foo"),
        t.catch(prim_inet.getopts, sock, "foo"),
        t.catch(prim_inet.getopt, sock, 5),
        t.catch(prim_inet.getstat, sock, ["no_such"]),
        t.catch(prim_inet.getstat, sock, "foo"),
    ]


@case(
    "prim-inet/calls/values",
    title="Whether an option would take a value",
    means="""is_sockopt_val knows the types of all options, and says false for what is none. It sorts options out
    before a setopts that would refuse the whole list.""",
    source="prim_inet:is_sockopt_val/2 (undocumented)",
)
def values(t: Subject) -> Term:
    pairs: list[tuple[Term, Term]] = [
        ("packet", 4), ("packet", 5), ("packet", "line"), ("nodelay", True), ("nodelay", 1), ("linger", (True, 5)),
        ("linger", 5), ("send_timeout", "infinity"), ("send_timeout", 1.5), ("no_such", 1), ("mode", "binary"),
    ]  # fmt: skip
    check = gentcp.get_backend(t.backend).apply
    return [(*pair, check("prim_inet", "is_sockopt_val", list(pair))) for pair in pairs]


@case(
    "prim-inet/calls/bad-arguments",
    title="Lengths, times and ways to shut down that are none",
    means="""function_clause, since prim_inet's functions have guards where gen_tcp's would return an error.
    Another reason not to call them from a program.""",
    source=SOURCE,
)
def bad_arguments(t: Subject) -> Term:
    sock, _ = t.pair()
    return [
        t.catch(prim_inet.recv, sock, -1, 0),
        t.catch(prim_inet.recv, sock, 0, 1.5),
        t.catch(prim_inet.recv, sock, "foo"),
        t.catch(prim_inet.shutdown, sock, "both"),
        t.catch(prim_inet.send, sock, "foo"),
        t.catch(prim_inet.send, sock, [300]),
        t.catch(prim_inet.send, sock, b"a", "force"),
        t.catch(prim_inet.unrecv, sock, "foo"),
    ]


@case(
    "prim-inet/calls/close-and-messages",
    title="prim_inet:close leaves tcp_closed in the mailbox, inet_tcp:close takes it out",
    means="""gen_tcp:close removes the message that the peer has closed; the function below it does not.""",
    source=SOURCE,
)
def close_and_messages(t: Subject) -> Term:
    def closed_by(close: Callable[..., Term]) -> Term:
        sock, peer = t.pair(("active", True), ("exit_on_close", False))
        close_peer(peer)
        t.wait_until(_told, what="tcp_closed")
        return (t.catch(close, sock), t.messages())

    return [closed_by(prim_inet.close), closed_by(inet_tcp.close)]


def _told() -> bool:
    """Whether tcp_closed is in the mailbox, where it is put back."""
    try:
        message = gentcp.receive(lambda found: isinstance(found, tuple) and found[:1] == ("tcp_closed",), timeout=0.05)
    except TimeoutError:
        return False
    gentcp.current_process().post(message)
    return True


@case(
    "prim-inet/calls/inet-tcp",
    title="inet_tcp is what gen_tcp calls on inet, and on nothing else",
    means="""send, recv, unrecv, shutdown, controlling_process and close, as documented for gen_tcp. Other sockets are
    function_clause.""",
    source="inet_tcp (undocumented)",
)
def inet_tcp_calls(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"ab")
    results = [
        t.catch(inet_tcp.send, sock, b"x"),
        t.catch(inet_tcp.send, sock, b"y", []),
        t.catch(inet_tcp.recv, sock, 1),
        t.catch(inet_tcp.recv, sock, 1, 1000),
        t.catch(inet_tcp.unrecv, sock, b"c"),
        t.catch(inet_tcp.recv, sock, 0, 1000),
        t.catch(inet_tcp.shutdown, sock, "write"),
        t.catch(inet_tcp.controlling_process, sock, t.spawn(lambda: "ready").process),
        t.catch(inet_tcp.close, sock),
    ]
    return (results, gentcp.get_backend(t.backend).apply("inet_tcp", "family", []))


@case(
    "prim-inet/calls/attach-detach",
    title="attach makes the caller the owner, detach gives up nothing but the link",
    means="""attach takes a socket from its owner without asking, which controlling_process refuses.""",
    source="prim_inet:attach/1, detach/1 (undocumented)",
)
def attach_detach(t: Subject) -> Term:
    sock, peer = t.pair()
    other = t.spawn(t.catch, prim_inet.attach, sock)
    attached = other.outcome(5.0)
    mine = gen_tcp.controlling_process(sock, other.process)
    detached = t.catch(prim_inet.detach, sock)
    gave = other.call(gen_tcp.controlling_process, sock, gentcp.current_process())
    return (attached, mine, detached, gave, gen_tcp.send(sock, b"a"), peer.recv())
