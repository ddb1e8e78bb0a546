"""Listeners and acceptors."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, Task
from ..term import Term
from ._common import brief, start, timed

ACCEPT = "gen_tcp:accept/1, accept/2"
IP = ("ip", (127, 0, 0, 1))


@case(
    "listen-accept/accept/timeout",
    title="accept waits as long as you say, and not at all with 0",
    means="""accept(L, 0) is a poll; with nobody waiting it says timeout at once on both backends. The listener is
    unharmed by any number of timeouts, so an acceptor can look at other things between calls.""",
    source="gen_tcp:accept/2",
)
def accept_timeout(t: Subject) -> Term:
    listener = t.listen()
    return (timed(t, (100,), gen_tcp.accept, listener, 100), timed(t, (100,), gen_tcp.accept, listener, 0))


@case(
    "listen-accept/accept/listener-closed-before",
    title="accept on a closed listener: closed on inet, einval on socket",
    means="""An acceptor loop that ends on {error, closed}, as the manual has it, sees einval on the socket backend if
    it comes to accept after the listener was closed, and crashes or spins. End the loop on both.""",
    source=ACCEPT,
    contradicts="That accept on a closed listen socket gives {error, closed}. On socket it gives einval.",
)
def listener_closed_before(t: Subject) -> Term:
    listener = t.listen()
    gen_tcp.close(listener)
    return [t.catch(gen_tcp.accept, listener), t.catch(gen_tcp.accept, listener, 100)]


@case(
    "listen-accept/accept/listener-closed-meanwhile",
    title="Closing the listener frees all acceptors with closed",
    means="""Acceptors that are waiting when the listener is closed get {error, closed} on both backends, each of them
    and at once. A pool of acceptors shuts down by closing the listener; compare the acceptor that comes too late,
    which gets einval on socket.""",
    source=ACCEPT + "; gen_tcp:close/1",
)
def listener_closed_meanwhile(t: Subject) -> Term:
    listener = t.listen()
    acceptors = [start(t, gen_tcp.accept, listener), start(t, gen_tcp.accept, listener, 5000)]
    closed = gen_tcp.close(listener)
    return (closed, *[acceptor.outcome(5.0) for acceptor in acceptors], t.messages())


@case(
    "listen-accept/accept/listener-closed-by-another",
    title="Any process may close the listener under the acceptor",
    means="""The owner, waiting in accept, gets {error, closed} when another process closes the listener, and no
    message besides. A supervisor can stop the owner's loop this way without killing it.""",
    source=ACCEPT + "; gen_tcp:close/1",
)
def listener_closed_by_another(t: Subject) -> Term:
    owner = t.spawn(t.listen)
    listener = owner.outcome(5.0)
    accepting = owner.start(gen_tcp.accept, listener, 5000)
    accepting.outcome(0.1)
    closed = gen_tcp.close(listener)
    return (accepting.outcome(5.0), closed, owner.call(t.messages))


@case(
    "listen-accept/accept/first-come-first-served",
    title="Waiting acceptors are served in the order in which they came",
    means="""Several processes may wait in accept on one listener, and connections go to them in turn. A pool of
    acceptors spreads the load evenly, with no more machinery than that.""",
    source=ACCEPT,
)
def first_come_first_served(t: Subject) -> Term:
    listener = t.listen()
    acceptors = [start(t, gen_tcp.accept, listener) for _ in range(3)]
    return [served_next(t, t.port(listener), acceptors) for _ in range(3)]


def served_next(t: Subject, port: int, acceptors: list[Task]) -> int:
    """Connect, and say which of the acceptors that were still waiting got it, counting from 1."""
    waiting = [task for task in acceptors if task.outcome(0) == "still_blocked"]
    t.raw_connect(port)
    t.wait_until(lambda: any(task.outcome(0) != "still_blocked" for task in waiting), what="an accept")
    return next(acceptors.index(task) + 1 for task in waiting if task.outcome(0) != "still_blocked")


@case(
    "listen-accept/accept/killed-acceptor",
    title="A killed acceptor takes no connection with it",
    means="""If a process dies while it waits in accept, the next connection goes to the next acceptor and is not
    lost. Killing idle acceptors, to make a pool smaller for example, is safe.""",
    source=ACCEPT,
)
def killed_acceptor(t: Subject) -> Term:
    listener = t.listen()
    first, second = start(t, gen_tcp.accept, listener), start(t, gen_tcp.accept, listener)
    first.kill()
    t.raw_connect(t.port(listener))
    return brief(second.outcome(2.0))


@case(
    "listen-accept/accept/mixed-timeouts",
    title="Each acceptor's timeout counts from its own call",
    means="""An acceptor in the queue does not wait for the one in front: with timeouts of 300, 100 and 200 ms the
    second returns first. Timeouts of accept can be trusted in a pool on both backends.""",
    source="gen_tcp:accept/2",
)
def mixed_timeouts(t: Subject) -> Term:
    listener = t.listen()
    waits = {300: (300,), 100: (100, 300), 200: (200, 300)}
    acceptors = [t.spawn(timed, t, waits[ms], gen_tcp.accept, listener, ms) for ms in (300, 100, 200)]
    return [acceptor.outcome(5.0) for acceptor in acceptors]


@case(
    "listen-accept/accept/wrong-socket",
    title="accept on a connected socket is einval",
    means="""The two kinds of socket are told apart when you use them, with an error and not an exception. An einval
    from accept is a mix-up, or on the socket backend a listener that is closed already.""",
    source=ACCEPT,
)
def wrong_socket(t: Subject) -> Term:
    sock, _ = t.pair()
    return t.catch(gen_tcp.accept, sock, 100)


@case(
    "listen-accept/accept/owner-is-acceptor",
    title="The accepted socket belongs to the process that called accept",
    means="""Not the listener's owner but the acceptor gets the messages, and only it may pass the socket on; the
    listener's owner gets not_owner. Accept in the process that will serve the connection and there is nothing to
    transfer.""",
    source=ACCEPT + "; gen_tcp:controlling_process/2",
)
def owner_is_acceptor(t: Subject) -> Term:
    me = t.spawn(t.listen, ("active", False))
    listener = me.outcome(5.0)
    acceptor = start(t, gen_tcp.accept, listener)
    t.raw_connect(t.port(listener))
    sock = acceptor.outcome(5.0)[1]
    refused = me.call(gen_tcp.controlling_process, sock, me.process)
    return (refused, acceptor.call(gen_tcp.controlling_process, sock, me.process))


@case(
    "listen-accept/listen/port-in-use",
    title="A port somebody listens on is eaddrinuse, reuseaddr or not",
    means="""reuseaddr is for ports with old connections in TIME_WAIT, so that a server can restart; it does not allow
    a second listener on Linux. If eaddrinuse surprises you, another process listens there.""",
    source="gen_tcp:listen/2; inet:setopts/2, option reuseaddr",
)
def port_in_use(t: Subject) -> Term:
    reuse = ("reuseaddr", True)
    port, reusable = t.port(t.listen()), t.port(t.listen(reuse))
    return (listen_again(t, port), listen_again(t, port, reuse), listen_again(t, reusable, reuse))


def listen_again(t: Subject, port: int, *options: Term) -> Term:
    return brief(t.catch(gen_tcp.listen, port, t.options(IP, *options)))


ADDRESSES = (
    (127, 0, 0, 1),
    "loopback",
    "any",
    list(b"127.0.0.1"),
    (1, 2, 3, 4),
    (0, 0, 0, 0, 0, 0, 0, 1),
    (256, 0, 0, 1),
    "foo",
    (127, 0, 0),
)


@case(
    "listen-accept/listen/addresses",
    title="What is an address, and how a wrong one is refused: exit on inet, an error term on socket",
    means="""Address tuples and the atoms any and loopback are good, strings are not. A malformed one makes inet exit
    with badarg, while socket returns {error, {invalid, {sockaddr, Map}}}, a term that no clause for POSIX atoms
    matches and inet:format_error was not made for. Parse addresses from configuration with inet:parse_address
    first.""",
    source="gen_tcp:listen/2, option ip",
    needs=("inet6",),
)
def addresses(t: Subject) -> Term:
    return [(address, bound_address(t, ("ip", address))) for address in ADDRESSES]


def bound_address(t: Subject, *options: Term) -> Term:
    result = t.catch(gen_tcp.listen, 0, t.options(*options))
    if result[0] != "ok":
        return result
    _, (address, _) = inet.sockname(result[1])
    gen_tcp.close(result[1])
    return ("ok", address)


@case(
    "listen-accept/listen/inet6",
    title="An IPv6 listener and what sockname and peername say",
    means="""inet6 makes an IPv6 listener; a tuple of eight as destination needs no option. Names are tuples of eight
    on both ends and both backends.""",
    source="gen_tcp:listen/2, option inet6; inet:sockname/1, peername/1",
    needs=("inet6",),
)
def inet6(t: Subject) -> Term:
    listener = gen_tcp.listen(0, t.options("inet6", ("active", False)))[1]
    _, (listening, port) = inet.sockname(listener)
    destination = (0, 0, 0, 0, 0, 0, 0, 1)
    client = gen_tcp.connect(destination, port, t.options(("active", False)), 5000)[1]
    accepted = gen_tcp.accept(listener, 5000)[1]
    names = [inet.sockname(accepted), inet.peername(accepted), inet.peername(client)]
    return (listening, *[name[1][0] for name in names])


V4, V6 = (127, 0, 0, 1), (0, 0, 0, 0, 0, 0, 0, 1)


@case(
    "listen-accept/listen/family-twice",
    title="inet and inet6 in one list: the first wins on inet, the last on socket",
    means="""An option list put together from defaults and overrides may end up with both families, and then the
    backends listen on different ones. An address of the other family is refused, by an exit on inet and an error term
    on socket. Give the family once.""",
    source="gen_tcp:listen/2, options inet and inet6",
    needs=("inet6",),
)
def family_twice(t: Subject) -> Term:
    lists: list[list[Term]] = [["inet", "inet6"], ["inet6", "inet"], ["inet6", ("ip", V4)], ["inet", ("ip", V6)]]
    return [(options, bound_address(t, *options)) for options in lists]


@case(
    "listen-accept/backend/place-and-value",
    title="inet_backend must be the first option, once, with a known value",
    means="""Anywhere else in the list, or twice, inet_backend is an exit with badarg: a wrapper that appends options
    to the caller's must put it in front. A backend that does not exist raises function_clause. Without it the default
    is inet.""",
    source="gen_tcp:listen/2, connect/4, option inet_backend",
)
def place_and_value(t: Subject) -> Term:
    inet_first, socket_first = ("inet_backend", "inet"), ("inet_backend", "socket")
    port = t.raw_listener().port
    return [
        ("listen_second", listen_backend(t, ["binary", socket_first])),
        ("connect_second", t.catch(gen_tcp.connect, V4, port, ["binary", socket_first], 500)),
        ("listen_inet_then_socket", listen_backend(t, [inet_first, socket_first])),
        ("listen_socket_then_inet", listen_backend(t, [socket_first, inet_first])),
        ("listen_bad", listen_backend(t, [("inet_backend", "foo")])),
        ("default", listen_backend(t, [])),
    ]


def listen_backend(t: Subject, options: list[Term]) -> Term:
    result = t.catch(gen_tcp.listen, 0, options)
    return ("ok", result[1].inet_backend) if result[0] == "ok" else result
