"""`prim_inet:async_recv/3`: a recv whose result is a message."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet, prim_inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import brief, close_peer, recvs, start
from ._ports import answered, async_recv, by_ref

SOURCE = "prim_inet:async_recv/3 (undocumented)"


@case(
    "prim-inet/async-recv/data",
    title="async_recv returns at once, and the data come as a message",
    means="""The caller goes on and gets {inet_async, Socket, Ref, Result} when there is something; Ref is the number
    that the call gave. A process can so wait for data and for other messages at the same time, one packet at a time,
    without active mode. On a socket of the socket backend it is {error, einval}.""",
    source=SOURCE,
)
def data(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock)
    before = t.messages()
    peer.send(b"abc")
    return (done, ("before", before), answered(t, done, ref))


@case(
    "prim-inet/async-recv/there-already",
    title="Data that is there already comes at once, also with no time at all",
    means="""What has been received is delivered right away; a time of 0 means: now or {error, timeout}. A length takes
    so many bytes, and the rest stays.""",
    source=SOURCE,
)
def there_already(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcdef")
    results = []
    for length in (2, 0, 0):
        done, ref = async_recv(t, sock, length, 0)
        results.append((done, answered(t, done, ref)))
    return results


@case(
    "prim-inet/async-recv/timeout",
    title="When the time is over the message says timeout, and nothing is lost",
    means="""{inet_async, Socket, Ref, {error, timeout}}; what comes later belongs to the next recv.""",
    source=SOURCE,
)
def timeout(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock, 0, 50)
    told = answered(t, done, ref)
    peer.send(b"abc")
    return (done, told, recvs(t, sock, (0, 1000)), t.messages())


@case(
    "prim-inet/async-recv/length",
    title="A length is waited for, and the rest stays",
    means="""Four bytes of two and three: the message has four, the fifth is for the next recv. With a packet type a
    length other than 0 is einval.""",
    source=SOURCE,
)
def length(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock, 4)
    peer.send(b"ab")
    first = t.messages()
    peer.send(b"cde")
    told = answered(t, done, ref)
    rest = recvs(t, sock, (0, 1000))
    inet.setopts(sock, [("packet", 4)])
    return (done, first, told, rest, async_recv(t, sock, 4)[0])


@case(
    "prim-inet/async-recv/bad-time",
    title="A time is a number of milliseconds; infinity is no number",
    means="""-1 is for ever. The atom infinity, which gen_tcp:recv takes, makes async_recv fail with badarith, and so
    does a length that is no integer: on both backends, before the socket is looked at.""",
    source=SOURCE,
)
def bad_time(t: Subject) -> Term:
    sock, _ = t.pair()
    calls: list[tuple[Term, Term]] = [(0, "infinity"), (0, 1.5), ("foo", 0)]
    return [t.catch(prim_inet.async_recv, sock, size, time) for size, time in calls]


@case(
    "prim-inet/async-recv/peer-closes",
    title="The peer closes: closed in the message, then enotconn",
    means="""The end of the connection comes as {error, closed}; another async_recv is refused with enotconn at once, as
    gen_tcp:recv is.""",
    source=SOURCE,
)
def peer_closes(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock)
    close_peer(peer)
    told = answered(t, done, ref)
    return (done, told, async_recv(t, sock)[0])


@case(
    "prim-inet/async-recv/own-close",
    title="One's own close answers the async_recv that waits",
    means="""close does not forget it: the message says {error, closed}. On a closed socket async_recv is einval, where
    gen_tcp:recv would say closed.""",
    source=SOURCE,
)
def own_close(t: Subject) -> Term:
    sock, _ = t.pair()
    done, ref = async_recv(t, sock)
    gen_tcp.close(sock)
    told = answered(t, done, ref)
    return (done, told, async_recv(t, sock)[0])


@case(
    "prim-inet/async-recv/two-at-once",
    title="One at a time: ealready for the second, whichever way it asks",
    means="""While an async_recv waits, another one, gen_tcp:recv and prim_inet:recv are refused with ealready, and the
    first one gets the data.""",
    source=SOURCE,
)
def two_at_once(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock)
    others = [async_recv(t, sock)[0], *recvs(t, sock, (0, 100)), t.catch(prim_inet.recv, sock, 0, 100)]
    peer.send(b"a")
    return (done, others, answered(t, done, ref))


@case(
    "prim-inet/async-recv/while-recv-waits",
    title="ealready too while a process is in gen_tcp:recv",
    means="""Both are the same operation of the driver, so a second one is ealready. The process that is in recv
    gets the data, and the other nothing.""",
    source=SOURCE,
)
def while_recv_waits(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0)
    done, _ = async_recv(t, sock)
    peer.send(b"a")
    return (done, receiver.outcome(5.0), t.messages())


@case(
    "prim-inet/async-recv/wrong-sockets",
    title="Active, listening and closed sockets refuse it",
    means="""einval on an active socket, enotconn on a listener, einval on a closed one. No message comes.""",
    source=SOURCE,
)
def wrong_sockets(t: Subject) -> Term:
    active, _ = t.pair(("active", True))
    listener = t.listen(("active", False))
    closed, _ = t.pair()
    gen_tcp.close(closed)
    return ([async_recv(t, sock, 0, 100)[0] for sock in (active, listener, closed)], t.messages())


@case(
    "prim-inet/async-recv/by-another-process",
    title="The message goes to who asked, not to the owner",
    means="""Any process may ask, and it gets the answer; the owner sees nothing of it. Two processes that read
    one socket take each other's data.""",
    source=SOURCE,
)
def by_another_process(t: Subject) -> Term:
    sock, peer = t.pair()

    def ask() -> Term:
        done, ref = async_recv(t, sock, 0, 5000)
        return (done, answered(t, done, ref))

    other = start(t, ask)
    peer.send(b"a")
    return (other.outcome(5.0), ("owner", t.messages()))


@case(
    "prim-inet/async-recv/owner-changes",
    title="Who asked gets the answer although the socket has a new owner",
    means="""controlling_process moves messages that are there; an async_recv that waits stays with its caller.""",
    source=f"{SOURCE}; gen_tcp:controlling_process/2",
)
def owner_changes(t: Subject) -> Term:
    sock, peer = t.pair()
    owner = t.spawn(lambda: "ready")
    done, ref = async_recv(t, sock)
    moved = gen_tcp.controlling_process(sock, owner.process)
    peer.send(b"abc")
    mine = answered(t, done, ref)
    return (done, moved, mine, ("new_owner", owner.call(t.messages)))


@case(
    "prim-inet/async-recv/message-moves",
    title="A message that has come moves to the new owner",
    means="""controlling_process takes {inet_async, Socket, _, _} along, whichever call it answers.""",
    source=f"{SOURCE}; gen_tcp:controlling_process/2",
)
def message_moves(t: Subject) -> Term:
    sock, peer = t.pair()
    owner = t.spawn(lambda: "ready")
    peer.send(b"abc")
    done, ref = async_recv(t, sock)
    moved = gen_tcp.controlling_process(sock, owner.process)
    return (done, moved, t.messages(), ("new_owner", by_ref(owner.call(t.messages), ref)))


@case(
    "prim-inet/async-recv/made-active",
    title="An active socket serves its owner, not the async_recv that waits",
    means="""When the socket becomes active, data go to the owner as {tcp, Socket, Data}; the async_recv gets nothing
    but its timeout. Do not mix the two.""",
    source=f"{SOURCE}; inet:setopts/2, option active",
)
def made_active(t: Subject) -> Term:
    sock, peer = t.pair()
    done, ref = async_recv(t, sock, 0, 200)
    inet.setopts(sock, [("active", True)])
    peer.send(b"abc")
    return (done, by_ref(t.messages(2 if done == "ok" else 1), ref), inet.getopts(sock, ["active"]))


@case(
    "prim-inet/async-recv/packet-types",
    title="The message has what recv would give: a line, a list, a term of HTTP",
    means="""The options packet, mode and header hold for it, also when packet is set while it waits.""",
    source=f"{SOURCE}; inet:setopts/2, option packet",
)
def packet_types(t: Subject) -> Term:
    def told(data: bytes, *options: Term) -> Term:
        sock, peer = t.pair()
        done, ref = async_recv(t, sock)
        inet.setopts(sock, list(options))
        peer.send(data)
        return (done, answered(t, done, ref))

    return [
        told(b"one\ntwo", ("packet", "line")),
        told(b"abc", ("mode", "list")),
        told(b"abc", ("header", 2)),
        told(b"\0\0\0\2hi", ("packet", 4)),
        told(b"GET / HTTP/1.0\r\n", ("packet", "http")),
    ]


@case(
    "prim-inet/async-recv/misframed",
    title="A packet that is too long is emsgsize, and the connection is gone",
    means="""As for gen_tcp:recv on inet: the reason is in the message, and whatever is called after that says
    enotconn, since the connection is gone.""",
    source=f"{SOURCE}; inet:setopts/2, option packet_size",
)
def misframed(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4), ("packet_size", 10))
    done, ref = async_recv(t, sock)
    peer.send(b"\0\0\0\x64abc")
    return (done, answered(t, done, ref), async_recv(t, sock)[0])


@case(
    "prim-inet/async-recv/half-open",
    title="With exit_on_close false every async_recv is told closed",
    means="""The socket stays, and each call is answered by a message {error, closed} rather than refused.""",
    source=f"{SOURCE}; inet:setopts/2, option exit_on_close",
)
def half_open(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    peer.shutdown()
    results = []
    for _ in range(2):
        done, ref = async_recv(t, sock)
        results.append((done, answered(t, done, ref)))
    return results


@case(
    "prim-inet/async-recv/caller-dies",
    title="The caller dies: OTP keeps its place and throws the next data away",
    means="""On the VM the operation of a dead process stays: the next recv is refused with ealready, and what comes is
    sent to nobody. gentcp frees the place, and nothing is lost. Only the owner should call async_recv, since the
    socket ends with it.""",
    source=SOURCE,
)
def caller_dies(t: Subject) -> Term:
    sock, peer = t.pair()
    done = t.spawn(lambda: async_recv(t, sock)[0], stay=False).outcome(5.0)
    refused = brief(async_recv(t, sock, 0, 0)[0])
    t.messages()
    peer.send(b"abc")
    return (done, refused, recvs(t, sock, (0, 200)))
