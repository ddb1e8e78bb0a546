"""`prim_inet:async_accept/2` and `accept`: connections that gen_tcp does not know yet."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet, inet_db, inet_tcp, prim_inet

from ..case import case
from ..subject import Peer, Subject, ok
from ..term import Term
from ._common import brief, start
from ._ports import answered, async_accept

SOURCE = "prim_inet:async_accept/2 (undocumented)"
ACCEPT = "prim_inet:accept/1,2,3 (undocumented)"


def connection(t: Subject, listener: Term) -> tuple[Term, Peer]:
    """A socket that async_accept gave, and its raw peer; ("none", peer) where there is no such thing."""
    done, _ = async_accept(t, listener)
    peer = t.raw_connect(t.port(listener))
    if done != "ok":
        return "none", peer
    _, _, _, result = t.messages(1)[0]
    return ok(result), peer


@case(
    "prim-inet/async-accept/loop",
    title="The accept loop of those who write TCP servers with gen_server",
    means="""Ask with async_accept(Listener, -1); take {inet_async, Listener, Ref, {ok, Socket}}; register the socket,
    set the options that async_accept has not copied, hand it to a worker with controlling_process, ask again. Like
    that a process serves a listener and its other messages at once. It works on inet only.""",
    source=SOURCE,
)
def loop(t: Subject) -> Term:
    listener = t.listen("binary", ("packet", 2), ("active", False), ("nodelay", True))
    log: list[Term] = []
    done, ref = async_accept(t, listener)
    if done != "ok":
        return done
    for number in range(2):
        peer = t.raw_connect(t.port(listener))
        match t.messages(1):
            case [("inet_async", _, told, ("ok", sock))] if told == ref:
                log.append(inet_db.register_socket(sock, "inet_tcp"))
            case other:
                return ("unexpected", other)
        options = ok(prim_inet.getopts(listener, ["active", "nodelay", "keepalive", "delay_send", "priority", "tos"]))
        log.append(prim_inet.setopts(sock, options))
        worker = t.spawn(lambda: "ready")
        log.append(gen_tcp.controlling_process(sock, worker.process))
        done, ref = async_accept(t, listener)
        peer.send(b"\0\x02hi")
        log.append((done, worker.call(gen_tcp.recv, sock, 0), worker.call(gen_tcp.send, sock, b"%d" % number)))
        log.append(peer.recv())
    return log


@case(
    "prim-inet/async-accept/not-registered",
    title="Until it is registered, gen_tcp's functions on the socket fail with undef",
    means="""gen_tcp calls the module that inet_db has for the port, which gen_tcp:accept registers and async_accept
    does not. inet's functions, close, controlling_process and prim_inet's work before.""",
    source=f"{SOURCE}; inet_db:register_socket/2",
)
def not_registered(t: Subject) -> Term:
    sock, peer = connection(t, t.listen("binary", ("active", False)))
    if sock == "none":
        return "none"
    refused = [
        t.catch(gen_tcp.send, sock, b"a"),
        t.catch(gen_tcp.recv, sock, 0, 10),
        t.catch(gen_tcp.shutdown, sock, "write"),
        t.catch(gen_tcp.unrecv, sock, b"a"),
        t.catch(gen_tcp.accept, sock, 10),
    ]
    works = [
        inet.getopts(sock, ["active", "mode"]),
        inet.setopts(sock, [("nodelay", True)]),
        brief(inet.peername(sock)),
        brief(inet.getstat(sock, ["recv_cnt"])),
        t.catch(prim_inet.send, sock, b"b"),
        t.catch(inet_tcp.send, sock, b"c"),
    ]
    registered = (inet_db.lookup_socket(sock), inet_db.register_socket(sock, "inet_tcp"), inet_db.lookup_socket(sock))
    return (refused, works, registered, t.catch(gen_tcp.send, sock, b"d"), peer.recv_exact(3))


@case(
    "prim-inet/async-accept/close-unregistered",
    title="A socket that is not registered can be closed and given away",
    means="""close and controlling_process do not ask for the module. After close, registering gives false and looking
    up says closed.""",
    source=f"{SOURCE}; inet_db:register_socket/2",
)
def close_unregistered(t: Subject) -> Term:
    sock, peer = connection(t, t.listen("binary", ("active", False)))
    if sock == "none":
        return "none"
    moved = gen_tcp.controlling_process(sock, t.spawn(lambda: "ready").process)
    closed = gen_tcp.close(sock)
    after = (inet_db.lookup_socket(sock), inet_db.register_socket(sock, "inet_tcp"), inet_db.unregister_socket(sock))
    return (moved, closed, after, peer.recv())


@case(
    "prim-inet/async-accept/unknown-module",
    title="A module that does not exist is as good as none",
    means="""register_socket takes any atom; gen_tcp's functions then fail with undef. What is no atom is refused.""",
    source="inet_db:register_socket/2",
)
def unknown_module(t: Subject) -> Term:
    sock, _ = connection(t, t.listen("binary", ("active", False)))
    if sock == "none":
        return "none"
    registered = (inet_db.register_socket(sock, "no_such_module"), inet_db.lookup_socket(sock))
    return (registered, t.catch(gen_tcp.send, sock, b"a"), t.catch(inet_db.register_socket, sock, [1]))


@case(
    "prim-inet/async-accept/options",
    title="It hands down what the driver keeps, and is passive",
    means="""packet, header, mode, watermarks, send_timeout, exit_on_close, buffer and the like are the listener's;
    active, delay_send and line_delimiter are not, and priority is the system's default. gen_tcp:accept copies those,
    and so does prim_inet:accept, except for line_delimiter.""",
    source=f"{SOURCE}; {ACCEPT}",
)
def options(t: Subject) -> Term:
    given = [
        ("packet", "line"), ("header", 1), ("active", "once"), ("delay_send", True), ("high_watermark", 9999),
        ("low_watermark", 55), ("send_timeout", 77), ("send_timeout_close", True), ("exit_on_close", False),
        ("show_econnreset", True), ("buffer", 3333), ("packet_size", 77), ("nodelay", True), ("keepalive", True),
        ("priority", 3), ("deliver", "port"), ("linger", (True, 3)),
    ]  # fmt: skip
    listener = t.listen("list", *given)
    names = [name for name, _ in given] + ["mode"]
    raw, _ = connection(t, listener)
    peer = t.raw_connect(t.port(listener))
    plain = t.catch(prim_inet.accept, listener, 5000)
    shown = [t.catch(inet.getopts, sock, names) for sock in (raw, plain[1] if plain[0] == "ok" else "none")]
    peer.close()
    return (brief(plain), shown)


@case(
    "prim-inet/async-accept/timeout-and-close",
    title="A time that is over and a listener that is closed are told by message",
    means="""{error, timeout} and {error, closed} come in {inet_async, Listener, Ref, _}, so a server that uses
    async_accept must expect both next to {ok, Socket}.""",
    source=SOURCE,
)
def timeout_and_close(t: Subject) -> Term:
    listener = t.listen()
    done, ref = async_accept(t, listener, 50)
    first = answered(t, done, ref)
    again, ref = async_accept(t, listener)
    gen_tcp.close(listener)
    return (done, first, again, answered(t, done, ref), async_accept(t, listener)[0])


@case(
    "prim-inet/async-accept/several",
    title="First come, first served, whoever asks and in which way",
    means="""async_accept and gen_tcp:accept stand in one line, in which a time that is over makes room.""",
    source=SOURCE,
)
def several(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))

    def ask() -> Term:
        done, ref = async_accept(t, listener, 50)
        return (done, answered(t, done, ref))

    done, ref = async_accept(t, listener)
    timed_out = t.spawn(ask).outcome(5.0)
    other = start(t, gen_tcp.accept, listener)
    peers = [t.raw_connect(t.port(listener))]
    first = answered(t, done, ref)
    peers.append(t.raw_connect(t.port(listener)))
    return (done, timed_out, first, brief(other.outcome(5.0)), t.messages(), len(peers))


@case(
    "prim-inet/async-accept/there-already",
    title="A connection that waits already is told at once, also with no time at all",
    means="""A time of 0 asks for what is there: a connection that waits already, or {error, timeout}. Either way
    the answer is a message and not the result.""",
    source=SOURCE,
)
def there_already(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))
    none, ref = async_accept(t, listener, 0)
    told = answered(t, none, ref)
    peer = t.raw_connect(t.port(listener))
    done, ref = async_accept(t, listener, 0)
    later = answered(t, done, ref)
    peer.close()
    return (none, told, done, later)


@case(
    "prim-inet/async-accept/caller-dies",
    title="The caller dies: the next one in line gets the connection",
    means="""The driver watches who is in accept, so no connection goes to the dead: the next acceptor gets it.
    With async_recv it is not like that.""",
    source=SOURCE,
)
def caller_dies(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))
    done = t.spawn(lambda: async_accept(t, listener)[0], stay=False).outcome(5.0)
    t.wait_until(lambda: "accepting" not in inet.info(listener).get("states", []), what="the end of the caller")
    peer = t.raw_connect(t.port(listener))
    accepted = brief(gen_tcp.accept(listener, 5000))
    peer.close()
    return (done, accepted)


@case(
    "prim-inet/async-accept/refused",
    title="What is no listener is einval, and infinity no time",
    means="""A connected socket and a closed listener are refused; the time is a number of milliseconds, -1
    for ever.""",
    source=SOURCE,
)
def refused(t: Subject) -> Term:
    sock, _ = t.pair()
    listener = t.listen()
    gen_tcp.close(listener)
    calls = [async_accept(t, each, 0)[0] for each in (sock, listener)]
    return (calls, t.catch(prim_inet.async_accept, sock, "infinity"))


@case(
    "prim-inet/accept/forms",
    title="prim_inet:accept waits, and its socket is not registered either",
    means="""accept(L), accept(L, Time), accept(L, FamilyOpts) and accept(L, Time, FamilyOpts), whose options are copied
    from the listener. inet_tcp:accept registers it, as gen_tcp:accept does, which calls it.""",
    source=ACCEPT,
)
def accept_forms(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))
    peers = [t.raw_connect(t.port(listener)) for _ in range(6)]
    calls: list[tuple[Term, ...]] = [(), ("infinity",), (5000,), (["tos"],), (5000, ["tos", "ttl"])]
    made = [t.catch(prim_inet.accept, listener, *call) for call in calls] + [t.catch(inet_tcp.accept, listener, 5000)]
    found = [t.catch(inet_db.lookup_socket, sock[1]) if sock[0] == "ok" else sock for sock in made]
    bad = [t.catch(prim_inet.accept, listener, "soon"), t.catch(prim_inet.accept, listener, 0)]
    for peer in peers:
        peer.close()
    return (found, bad)
