"""A recv that waits while something else happens to the socket or to its process."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, Task
from ..term import Term
from ._common import active, recvs, set_active, start, timed, underway

SETOPTS = "gen_tcp:recv/3; inet:setopts/2"


@case(
    "recv/pending/looked-at-meanwhile",
    title="getopts, getstat, peername, info and send leave a waiting recv alone",
    means="""Other processes may inspect the socket and send on it while one waits in recv; the receiver gets its data
    as if nothing had happened. Monitoring a connection does not disturb it.""",
    source="gen_tcp:recv/3; inet:getopts/2, getstat/1, peername/1, info/1",
)
def looked_at_meanwhile(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    looks = [inet.getopts(sock, ["nodelay"])[0], inet.getstat(sock)[0], inet.peername(sock)[0]]
    looks += [bool(inet.info(sock)), gen_tcp.send(sock, b"x")]
    peer.send(b"abc")
    return (*looks, ("p1", receiver.outcome(5.0)))


@case(
    "recv/pending/between-messages",
    title="active once, a recv that waits, and active once again",
    means="""Whoever reads by messages may wait in recv in between, whether data comes then or its time is over, and go
    on by messages after that. Nothing is lost, and nobody waits in vain.""",
    source=SETOPTS + ", option active",
)
def between_messages(t: Subject) -> Term:
    sock, peer = t.pair()
    results: list[Term] = []
    for number in range(3):
        set_active(t, sock, "once")
        peer.send(b"message")
        results.append(t.messages(1))
        if number == 0:
            results.append(gen_tcp.recv(sock, 0, 50))
        elif number == 1:
            receiver = start(t, gen_tcp.recv, sock, 0, 5000)
            peer.send(b"packet")
            results.append(receiver.outcome(5.0))
    return results


@case(
    "recv/pending/unrelated-setopts",
    title="Any setopts while a process waits in recv: on OTP's socket that recv never returns",
    means="""Setting nodelay, send_timeout or packet_size has nothing to do with receiving, and on inet the receiver
    gets its data. OTP's socket backend cancels the recv and tells nobody: the process hangs for ever, and the data
    goes to the next one that calls recv. gentcp does not copy that. If you configure a socket from another process,
    do it before the reader starts.""",
    source=SETOPTS,
)
def unrelated_setopts(t: Subject) -> Term:
    return [set_meanwhile(t, option) for option in (("nodelay", True), ("send_timeout", 1000), ("packet_size", 100))]


def set_meanwhile(t: Subject, option: Term) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    done = inet.setopts(sock, [option])
    peer.send(b"abc")
    return (option, done, ("p1", receiver.outcome(1.5)), recvs(t, sock, (0, 100)))


@case(
    "recv/pending/setopts-and-timeout",
    title="The timeout of a recv does not save it from a setopts on OTP's socket",
    means="""Without data the waiting recv should give {error, timeout} when its time is over, and on inet it does. On
    OTP's socket backend not even the timeout fires once somebody has called setopts, so a timeout is no protection
    against this hang. gentcp keeps the timeout on both.""",
    source=SETOPTS,
)
def setopts_and_timeout(t: Subject) -> Term:
    sock, _ = t.pair()
    receiver = timed_receiver(t, sock, (400,), 400)
    done = inet.setopts(sock, [("nodelay", True)])
    return (done, ("p1", receiver.outcome(1.5)))


def timed_receiver(t: Subject, sock: Term, waits: tuple[int, ...], timeout: int) -> Task:
    return underway(t.spawn(timed, t, waits, gen_tcp.recv, sock, 0, timeout))


@case(
    "recv/pending/packet-type-changed",
    title="A recv that waits in raw mode gets a line once packet line is set",
    means="""The packet type that counts is the one at the time when the data arrives, also for a call that has begun
    before. On OTP's socket backend the call is lost like with any other setopts, and the line goes to the next
    caller; gentcp hands it to the one that waits.""",
    source=SETOPTS + ", option packet",
)
def packet_type_changed(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    done = inet.setopts(sock, [("packet", "line")])
    peer.send(b"ab")
    receiver.outcome(0.1)
    peer.send(b"c\nd")
    return (done, ("p1", receiver.outcome(1.5)), recvs(t, sock, (0, 100)))


@case(
    "recv/pending/made-active",
    title="Active while a process waits in recv: the owner gets the data on inet, the receiver on socket",
    means="""On inet the data goes to the owner as a message and the recv runs into its timeout; OTP's driver then
    stops to watch the connection, and the active socket stays silent for ever. gentcp does not copy the silence. On
    socket the recv is served first and messages follow. Let one process decide between recv and active.""",
    source=SETOPTS + ", option active",
)
def made_active(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = timed_receiver(t, sock, (100, 600), 600)
    done = set_active(t, sock, True)
    peer.send(b"abc")
    first = receiver.outcome(1.5)
    messages = t.messages()
    peer.send(b"def")
    return (done, ("p1", first), ("owner", messages), ("owner_later", t.messages()), active(t, sock))


@case(
    "recv/pending/receiver-killed",
    title="A process killed in recv: on OTP its call stays behind and swallows the next data",
    means="""On both of OTP's backends the operation outlives its process: another recv is refused with ealready on
    inet or waits without end on socket, and what arrives next is handed to the dead process and lost. gentcp gives
    the place to the next receiver, and loses nothing. On OTP close the socket when a reader has been killed, or give
    each recv a timeout: the operation ends with it.""",
    source="gen_tcp:recv/3, simultaneous calls",
)
def receiver_killed(t: Subject) -> Term:
    sock, peer = t.pair()
    start(t, gen_tcp.recv, sock, 0).kill()
    second = timed_receiver(t, sock, (300,), 300)
    seen = second.outcome(0.8)
    peer.send(b"abc")
    name, waiting = ("p2", second) if seen == "still_blocked" else ("owner", t.spawn(gen_tcp.recv, sock, 0, 300))
    first = (name, waiting.outcome(1.0))
    peer.send(b"def")
    return (("p2", seen), ("after_abc", first), ("after_def", t.spawn(gen_tcp.recv, sock, 0, 300).outcome(1.0)))


@case(
    "recv/pending/own-close",
    title="close frees a process that waits in recv",
    means="""Closing the socket from another process is the way to get a reader out of a recv without timeout: it
    returns {error, closed} at once. Nothing is left in any mailbox.""",
    source="gen_tcp:close/1; gen_tcp:recv/3",
)
def own_close(t: Subject) -> Term:
    sock, _ = t.pair()
    receiver = timed_receiver(t, sock, (100,), 5000)
    return (gen_tcp.close(sock), receiver.outcome(5.0), t.messages())


@case(
    "recv/pending/length-with-a-packet-type",
    title="recv(S, 3) with a packet type while another process waits: einval, on socket when that one is done",
    means="""A length is for raw sockets only. On inet the call is refused at once; on socket it stands in line behind
    the recv that waits, past its own timeout, and is refused when its turn comes.""",
    source="gen_tcp:recv/3, simultaneous calls",
)
def length_with_a_packet_type(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    first = start(t, gen_tcp.recv, sock, 0, 900)
    refused = timed(t, (300, 600), gen_tcp.recv, sock, 3, 300)
    peer.send(b"\0\0\0\2hi")
    return (refused, first.outcome(5.0), recvs(t, sock, (3, 0), (0, 300)))


@case(
    "recv/pending/made-active-by-length",
    title="Active while a process waits for so many bytes: the first message has just these",
    means="""On inet a recv of N bytes has asked the driver for N, and the owner of the socket that is made active
    meanwhile gets them as one message; what is behind comes as usual. On socket the recv is served first. Do not
    take the size of a message for anything the peer has chosen.""",
    source=SETOPTS + ", option active",
)
def made_active_by_length(t: Subject) -> Term:
    found: list[Term] = []
    for data in (b"abc", b"abcdefg"):
        sock, peer = t.pair()
        start(t, gen_tcp.recv, sock, 5)
        done = set_active(t, sock, True)
        peer.send(data)
        first = [message[0::2] for message in t.messages(idle=0.15)]
        peer.send(b"hi")
        found.append((data, done, first, [message[0::2] for message in t.messages(idle=0.15)]))
    return found


@case(
    "recv/pending/second-on-an-active-socket",
    title="Of two processes in recv the second is refused when the socket has become active, but not at once",
    means="""On socket the first one gets the next data although the socket is active; the second is told einval when
    the server has a reason to look at it again: those data, getstat, info or a new owner, not getopts. A pool of
    readers must be stopped before the socket is made active.""",
    source=SETOPTS,
)
def second_on_an_active_socket(t: Subject) -> Term:
    return [(name, second_looked_at(t, name)) for name in ("getopts", "getstat", "info", "data")]


def second_looked_at(t: Subject, name: str) -> Term:
    sock, peer = t.pair()
    first, second = (start(t, gen_tcp.recv, sock, 0) for _ in range(2))
    done = set_active(t, sock, 5)
    if name == "getopts":
        active(t, sock)
    elif name == "getstat":
        inet.getstat(sock, ["recv_cnt"])
    elif name == "info":
        inet.info(sock)
    else:
        peer.send(b"a")
        first.outcome(0.2)
    return (done, second.outcome(0.2))


@case(
    "recv/pending/length-then-packet-type",
    title="A packet type set while a process waits for so many bytes: these bytes become the packet",
    means="""On inet the recv gets as many bytes as it has asked for, cut as a packet of the new type whatever they
    are: without their header, or as an error of HTTP. If they are fewer than a header OTP's driver counts a negative
    length: in list mode the connection is dropped and recv never returns, in binary mode the whole VM ends, since
    it asks for memory that there is not. gentcp's recv returns no bytes then. On socket the call is lost like with
    any other setopts. Set the packet type when nobody reads.""",
    source=SETOPTS + ", option packet",
)
def length_then_packet_type(t: Subject) -> Term:
    kinds = ((1, 1), (4, 4), (2, "cdr"), (3, "asn1"), (4, "line"), (3, "http"), (1, 4))
    return [(length, kind, packet_of(t, length, kind)) for length, kind in kinds]


def packet_of(t: Subject, length: int, kind: Term) -> Term:
    sock, peer = t.pair(("mode", "list"))
    receiver = start(t, gen_tcp.recv, sock, length)
    done = inet.setopts(sock, [("packet", kind)])
    peer.send(b"\0\0\1\0ab" if kind == 4 else b"abcdef")
    return (done, receiver.outcome(0.3))
