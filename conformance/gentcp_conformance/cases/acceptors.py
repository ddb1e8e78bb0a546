"""Acceptors that wait in line, and what listeners answer."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import brief, receive_all, start
from .accept_queue import ACCEPT, PASSIVE, waiting_peer


@case(
    "listen-accept/accept/garbage",
    title="accept on something that is no socket raises function_clause",
    means="""The supervisor's restart, not an error tuple, is the answer to a mixed-up state. Errors from accept proper
    are about the network.""",
    source=ACCEPT,
)
def garbage(t: Subject) -> Term:
    return [t.catch(gen_tcp.accept, "foo"), t.catch(gen_tcp.accept, "foo", 100)]


@case(
    "listen-accept/accept/killed-in-the-middle",
    title="The second of three acceptors is killed: the line closes up",
    means="""The connection that would have been the dead one's goes to the third. Nothing is lost and nobody is
    overtaken, so a pool of acceptors needs no care when one of them crashes.""",
    source=ACCEPT,
)
def killed_in_the_middle(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    first, second, third = (start(t, gen_tcp.accept, listener, 5000) for _ in range(3))
    second.kill()
    for number in (1, 2):
        waiting_peer(t, listener).send(bytes([number]))
    return [gen_tcp.recv(task.outcome(5.0)[1], 1, 500) for task in (first, third)]


@case(
    "listen-accept/accept/timed-out-in-front",
    title="The first acceptor times out: the next connection is the second one's",
    means="""An acceptor whose time is over leaves the line, and no connection is kept for it. Acceptors with timeouts,
    which look at other things in between, can be mixed with those that wait for ever.""",
    source="gen_tcp:accept/2",
)
def timed_out_in_front(t: Subject) -> Term:
    listener = t.listen()
    first = start(t, gen_tcp.accept, listener, 250)
    second = start(t, gen_tcp.accept, listener, 5000)
    timed_out = first.outcome(5.0)
    waiting_peer(t, listener)
    return (timed_out, brief(second.outcome(5.0)))


@case(
    "listen-accept/accept/killed-after-accepting",
    title="An acceptor that is killed with its connection closes it; the next client is served by the next one",
    means="""A crash between accept and hand-over costs that one client its connection, and the client sees a clean end
    and no reset. Whoever is next in line goes on as if nothing had happened.""",
    source=ACCEPT + "; gen_tcp, socket ownership",
)
def killed_after_accepting(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    first = start(t, gen_tcp.accept, listener, 5000)
    peer = waiting_peer(t, listener)
    accepted = brief(first.outcome(5.0))
    second = start(t, gen_tcp.accept, listener, 5000)
    first.kill()
    ended = peer.recv(5.0)
    waiting_peer(t, listener)
    return (accepted, ended, brief(second.outcome(5.0)))


@case(
    "listen-accept/accept/listener-options-now",
    title="The options that count are those of the listener when the connection is accepted",
    means="""packet and active set on the listener after a client has connected apply to that client's socket. A change
    of configuration catches the connections that wait.""",
    source=ACCEPT + "; inet:setopts/2",
)
def listener_options_now(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    peer = waiting_peer(t, listener)
    peer.send(b"\2hi")
    done = inet.setopts(listener, [("packet", 1), "list"])
    return (done, receive_all(t, gen_tcp.accept(listener, 5000)[1], 1))


@case(
    "listen-accept/listen/asked-about-itself",
    title="A listener answers about itself: no peer, its own name, counters of zero",
    means="""peername of a listener is enotconn and not an exception; sockname and getstat work. Code that logs a socket
    can be given either kind.""",
    source="inet:peername/1, sockname/1, getstat/2",
)
def about_itself(t: Subject) -> Term:
    listener = t.listen()
    match inet.sockname(listener):
        case ("ok", (address, int())):
            name: Term = ("ok", address, "port")
        case other:
            name = other
    return (inet.peername(listener), name, inet.getstat(listener, ["recv_cnt"]))


@case(
    "listen-accept/listen/port-option",
    title="{port, P} overrides port 0 in listen",
    means="""The option and the argument are one thing said twice; with 0 as the argument the option wins. A wrapper
    that passes options on may move your listener.""",
    source="gen_tcp:listen/2, option port",
)
def port_option(t: Subject) -> Term:
    listener = t.listen()
    port = t.port(listener)
    gen_tcp.close(listener)
    again = t.listen(("port", port))
    return ("same", t.port(again) == port)


@case(
    "listen-accept/accept/negative-timeout",
    title="accept(L, -1): infinity on inet, badarg on socket",
    means="""The driver's -1 shows through on inet and waits for ever. A deadline that has passed and is computed as a
    negative timeout hangs an acceptor on one backend and crashes it on the other: clamp at 0.""",
    source="gen_tcp:accept/2",
)
def negative_timeout(t: Subject) -> Term:
    listener = t.listen()
    acceptor = start(t, gen_tcp.accept, listener, -1)
    seen = acceptor.outcome(0.2)
    if seen != "still_blocked":
        return seen
    waiting_peer(t, listener)
    return (seen, brief(acceptor.outcome(5.0)))


@case(
    "listen-accept/accept/not-a-timeout",
    title="A timeout that is none raises",
    means="""A float or an atom other than infinity is a programming error on both backends, and an exception, not an
    error tuple; only the reason differs, function_clause or badarg. Round what you compute.""",
    source="gen_tcp:accept/2",
)
def not_a_timeout(t: Subject) -> Term:
    listener = t.listen()
    return [(timeout, t.catch(gen_tcp.accept, listener, timeout)) for timeout in (1.5, "foo")]


@case(
    "inet/info/acceptors",
    title="How many wait in accept: info counts them on socket, and says whether there are any on inet",
    means="""num_acceptors has all who wait, not only the one whose accept the system has. A pool of acceptors can so
    be watched on socket; on inet the ports' state accepting tells one from none.""",
    source="inet:info/1",
)
def counted(t: Subject) -> Term:
    listener = t.listen()
    found = [accepting(listener)]
    for _ in range(3):
        start(t, gen_tcp.accept, listener)
        found.append(accepting(listener))
    return found


def accepting(listener: Term) -> Term:
    info = inet.info(listener)
    return [(key, info[key]) for key in ("states", "rstates", "wstates", "num_acceptors", "num_readers") if key in info]


@case(
    "listen-accept/accept/zero-timeout-without-a-listener",
    title="accept(S, 0) on what accepts nothing",
    means="""On socket the timer is over before the socket is asked: timeout, as on a listener where nobody has
    connected. Only a socket that has been closed says that it cannot accept. A loop that polls with 0 so never learns
    that its socket is the wrong one, or that a send has closed the listener; any other timeout would tell.""",
    source=ACCEPT,
)
def without_a_listener(t: Subject) -> Term:
    connected, _ = t.pair()
    wrecked = t.listen()
    gen_tcp.send(wrecked, b"x")
    closed = t.listen()
    gen_tcp.close(closed)
    return [
        (name, [t.catch(gen_tcp.accept, sock, timeout) for timeout in (0, 100)])
        for name, sock in (("connected", connected), ("sent on", wrecked), ("closed", closed))
    ]


@case(
    "inet/info/selected",
    title="What info says of a socket's halves: how it came about, and whether anybody has ever waited",
    means="""On socket a connected socket is bound and an accepted one is not; selected stands in rstates and wstates
    once a recv, an accept, active mode or a send has had to wait for the system, and stays there. That tells a
    connection whose sends have always gone out at once from one whose peer has been too slow. On inet the states say
    none of it.""",
    source="inet:info/1",
)
def selected(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    found = [("listening", accepting(listener))]
    peer = waiting_peer(t, listener)
    sock = gen_tcp.accept(listener, 5000)[1]
    found += [("accepted", accepting(sock))]
    peer.send(b"a")
    gen_tcp.recv(sock, 0, 5000)
    gen_tcp.recv(sock, 0, 20)
    found += [("recv has waited", accepting(sock)), ("accept has not", accepting(listener))]
    gen_tcp.accept(listener, 20)
    found += [("accept has", accepting(listener))]
    inet.setopts(sock, [("send_timeout", 0)])
    while gen_tcp.send(sock, bytes(100_000)) == "ok":
        pass
    connected, _ = t.pair()
    return [*found, ("send has waited", accepting(sock)), ("connected", accepting(connected))]
