"""Functions of inet that ask a socket: getstat, info, names, monitors."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import erlang, gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import blocked_sender, buffers_full, start

GETSTAT = "inet:getstat/2"
INFO = "inet:info/1"
NAMES = "inet:sockname/1, peername/1, port/1"
COUNTS = ("send_cnt", "send_oct", "send_max", "send_avg", "recv_cnt", "recv_oct", "recv_max", "recv_avg")


@case(
    "options/getstat/fresh",
    title="getstat without names: ten counters on inet, eight on socket",
    means="""recv_dvi and send_pend are missing on socket from OTP 27 on. Code that takes the length of the send queue
    from send_pend must expect that there is none; lists:keyfind gives false, a match on ten elements crashes.""",
    source="inet:getstat/1",
    contradicts="getstat(Socket) is getstat of all ten counters, recv_dvi and send_pend among them.",
)
def fresh_counters(t: Subject) -> Term:
    return (inet.getstat(t.pair()[0]), inet.getstat(t.listen()))


@case(
    "options/getstat/names",
    title="getstat with odd names: einval on inet, left out on socket, a crash on OTP 25's socket",
    means="""An unknown counter fails the call on inet and is missing from the answer on socket. OTP 25's socket took
    the caller down with a case_clause, and after that the socket was closed. Duplicates are answered twice.""",
    source=GETSTAT,
)
def counters_by_name(t: Subject) -> Term:
    sock, _ = t.pair()
    asked: tuple[Term, ...] = ([], ["foo"], "foo", ["send_pend"], ["recv_dvi"], ["recv_cnt", "recv_cnt"])
    return [(names, t.catch(inet.getstat, sock, names)) for names in asked]


@case(
    "options/getstat/raw-traffic",
    title="Three sends and two recvs, counted",
    means="""In raw mode both backends count calls of send and what each read brought. OTP 25's socket was wrong about
    the largest one. The numbers are good for rates and sums; an average in raw mode is about reads, not about
    messages of yours.""",
    source=GETSTAT,
)
def raw_traffic(t: Subject) -> Term:
    sock, peer = t.pair()
    for size in (10, 20, 30):
        gen_tcp.send(sock, bytes(size))
    for size in (7, 9):
        peer.send(bytes(size))
        gen_tcp.recv(sock, size, 500)
    return inet.getstat(sock, list(COUNTS))


@case(
    "options/getstat/framed-traffic",
    title="Headers count: three packets of one byte with packet 4",
    means="""send_oct and recv_oct are bytes on the wire, headers included, on both. What differs is how received
    packets are counted: one by one on inet, by read on socket, where three packets that came together are one. OTP
    25's socket counted each header twice.""",
    source=GETSTAT + "; inet:setopts/2, option packet",
    contradicts="recv_cnt is the number of packets received by the socket.",
)
def framed_traffic(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    for _ in range(3):
        gen_tcp.send(sock, b"a")
    peer.send(b"\0\0\0\1a" * 3)
    peer_has = [gen_tcp.recv(sock, 0, 500) for _ in range(3)]
    return (peer_has, inet.getstat(sock, list(COUNTS)))


@case(
    "options/getstat/queued-bytes",
    title="Queued bytes count as sent on inet",
    means="""send_oct on inet includes what still lies in the driver's queue, so it says what you handed over, not what
    went out; subtract send_pend for that. On socket it is what the system took.""",
    source=GETSTAT,
    contradicts="send_oct is the number of bytes sent from the socket.",
)
def queued_bytes(t: Subject) -> Term:
    sock, peer = t.stalled()
    start(t, gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    match inet.getstat(sock, ["send_oct", "send_cnt"]):
        case ("ok", [(_, sent), (_, count)]):
            return ("all" if sent == len(payload()) else "only_part", count == 1)
        case other:
            return other


@case(
    "options/getstat/unsent-nothing",
    title="A fresh connection has nothing pending",
    means="""{send_pend, 0} on inet means that everything sent so far has reached the system. On socket the counter is
    left out, and there it is true all the time.""",
    source=GETSTAT,
)
def unsent_nothing(t: Subject) -> Term:
    sock, peer = t.pair()
    gen_tcp.send(sock, b"abc")
    peer.recv_exact(3)
    return inet.getstat(sock, ["send_pend"])


@case(
    "options/names/no-socket",
    title="sockname, peername and port of what is no socket: function_clause",
    means="""A wrong argument is an error exception and not an error tuple, on both backends, so a mix-up of socket and
    address does not pass as a closed connection.""",
    source=NAMES,
)
def names_of_nothing(t: Subject) -> Term:
    return [t.catch(function, "foo") for function in (inet.peername, inet.sockname, inet.port)]


@case(
    "options/names/both-ends",
    title="What one end is called by itself and by the other",
    means="""sockname on one side is peername on the other, and the accepted socket has the listener's port. Useful to
    tell connections apart in a log without an identity of your own.""",
    source=NAMES,
)
def both_ends(t: Subject) -> Term:
    listener, client, accepted = t.both([("active", False)], [("active", False)])
    agree = (inet.sockname(client) == inet.peername(accepted), inet.sockname(accepted) == inet.peername(client))
    ports = (inet.port(accepted) == inet.port(listener), inet.port(client) == inet.port(accepted))
    return (*agree, *ports, inet.sockname(accepted)[1][0])


@case(
    "options/names/listener",
    title="A listener on no particular address",
    means="""sockname gives 0.0.0.0, which is no address to connect to, with the real port, also when 0 was asked for.
    A listener has no peer: enotconn, on both.""",
    source=NAMES,
)
def names_of_listener(t: Subject) -> Term:
    listener = gen_tcp.listen(0, t.options(("active", False)))[1]
    _, (address, port) = inet.sockname(listener)
    return (address, port > 0, inet.port(listener) == ("ok", port), inet.peername(listener))


@case(
    "options/monitor/too-late",
    title="Monitoring a closed socket: DOWN at once, with noproc on inet and nosock on socket",
    means="""There is no race to lose: who monitors too late is told at once. Only the reason, by which you would know
    that it was too late, has another name on each backend.""",
    source="inet:monitor/1",
    contradicts="The reason is nosock if the socket did not exist when the function was called.",
)
def too_late(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    reference = inet.monitor(sock)
    return (isinstance(reference, gentcp.Ref), t.messages(1), t.catch(inet.monitor, "foo"))


@case(
    "options/monitor/cancel",
    title="cancel_monitor: true once, then false",
    means="""true means that no DOWN will come; false that it was cancelled before or that the message is in the mailbox
    already, where it stays. After false, receive it with a timeout of 0. What is no reference is badarg.""",
    source="inet:cancel_monitor/1",
)
def cancel(t: Subject) -> Term:
    sock, _ = t.pair()
    reference = inet.monitor(sock)
    twice = [inet.cancel_monitor(reference) for _ in range(2)]
    late = inet.monitor(sock)
    gen_tcp.close(sock)
    messages = t.messages(1)
    after = inet.cancel_monitor(late)
    return (twice, after, messages, inet.cancel_monitor(erlang.make_ref()), t.catch(inet.cancel_monitor, "foo"))


@case(
    "options/monitor/erlang",
    title="erlang:demonitor and erlang:monitor work on inet's sockets only, which are ports",
    means="""A socket of the other backend is no port: erlang:monitor(port, Socket) fails with badarg, and
    erlang:demonitor of a reference from inet:monitor says true and changes nothing, so DOWN still comes. Use
    inet:monitor and inet:cancel_monitor, which take both.""",
    source="inet:monitor/1; erlang:monitor/2",
)
def by_erlang(t: Subject) -> Term:
    sock, _ = t.pair()
    cancelled = erlang.demonitor(inet.monitor(sock))
    result = t.catch(erlang.monitor, "port", sock)
    gen_tcp.close(sock)
    return (cancelled, "ref" if isinstance(result, gentcp.Ref) else result, t.messages(1))


@case(
    "options/monitor/several",
    title="Each monitor sends its own DOWN",
    means="""Two calls by one process give two references and two messages; cancelling one leaves the other. A library
    can so monitor a socket without getting in the way of its caller.""",
    source="inet:monitor/1, cancel_monitor/1",
)
def several(t: Subject) -> Term:
    sock, _ = t.pair()
    references = [inet.monitor(sock) for _ in range(3)]
    cancelled = inet.cancel_monitor(references[1])
    gen_tcp.close(sock)
    told = {message[1] for message in t.messages(2)}
    return (cancelled, len(set(references)), [reference in told for reference in references])


@case(
    "options/info/connected",
    title="inet:info: two maps with hardly a key in common",
    means="""On inet the map tells of the port (links, memory, states), on socket of the socket (rstates, wstates, type,
    protocol). Only counters and owner are in both. Use it for reports to people, not in code.""",
    source=INFO,
)
def info_connected(t: Subject) -> Term:
    info = inet.info(t.pair()[0])
    return (sorted(info), values(info, *STATES, *KIND, *BUSY, "num_acceptors"))


STATES = ("states", "rstates", "wstates", "active")
KIND = ("type", "domain", "protocol", "ctype")
BUSY = ("num_readers", "num_writers")


def values(info: dict[str, Term], *names: str) -> list[Term]:
    """Of these keys those that the map has, lists of states in alphabetical order."""
    return [(name, sorted(info[name]) if "states" in name else info[name]) for name in names if name in info]


@case(
    "options/info/active-and-busy",
    title="inet:info of an active socket and of one with a blocked sender",
    means="""A blocked sender is the state busy on inet and num_writers 1 on socket; an active socket counts as a reader
    on socket and does not show on inet. A monitor for stuck connections has to look at both.""",
    source=INFO,
)
def info_active(t: Subject) -> Term:
    listening, _ = t.pair(("active", True))
    stalled, peer = t.stalled()
    blocked_sender(t, stalled, peer)
    return [values(inet.info(sock), *STATES, *BUSY) for sock in (listening, stalled)]


@case(
    "options/info/listener",
    title="inet:info of a listener, idle and with an acceptor",
    means="""Both show that somebody waits in accept: the state accepting on inet, num_acceptors on socket, which
    counts those who wait.""",
    source=INFO,
)
def info_listener(t: Subject) -> Term:
    listener = t.listen()
    names = (*STATES, *BUSY, "num_acceptors")
    idle = values(inet.info(listener), *names)
    start(t, gen_tcp.accept, listener, 5000)
    return [idle, values(inet.info(listener), *names)]


@case(
    "options/info/no-socket",
    title="inet:info of what is no socket: function_clause",
    means="""The function takes open and closed sockets, and nothing else, on both backends. A report over a list of
    sockets crashes on the first entry that is not one, such as the atom undefined in a state that is not set up
    yet.""",
    source=INFO,
)
def info_of_nothing(t: Subject) -> Term:
    return t.catch(inet.info, "foo")


@case(
    "options/info/closed",
    title="inet:info of a closed socket is a map, not an error",
    means="""A report over many sockets can so be made without catching anything; but the keys that you print may be
    gone. Use maps:get with a default.""",
    source=INFO,
)
def info_closed(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return t.catch(inet.info, sock)
