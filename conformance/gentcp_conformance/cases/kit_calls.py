"""Arguments, limits and forms of calls that no other case saw when a backend was broken on purpose."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import erlang, gen_tcp, inet, inet_tcp, prim_inet

from ..case import case
from ..data import payload
from ..subject import LOOPBACK, Subject, ok
from ..term import Term
from ._common import DECODE, brief, decode, recvs
from ._options import LOOPBACK6
from ._ports import is_port
from .options_opening import unchosen_port

PASSIVE = ("active", False)


@case(
    "prim-inet/calls/lengths-and-times",
    title="Lengths and times below gen_tcp: a negative time is none, a negative length no clause",
    means="""prim_inet:recv/3 waits for ever with a time of -1, as with infinity; anything else that is no number, and a
    length below 0, raises. So does accept with options that are no list.""",
    source="prim_inet:recv/2,3, accept/3 (undocumented)",
)
def lengths_and_times(t: Subject) -> Term:
    sock, peer = t.pair()
    if not is_port(t, sock):
        return "no port"
    peer.send(b"abcdefgh")
    calls: list[tuple[Term, ...]] = [(-1,), (-2, 100), ("x",), (1, -1), (1, -5), (1, "infinity"), (1, "x"), (0, 0)]
    received = [(call, t.catch(prim_inet.recv, sock, *call)) for call in calls]
    listener = t.listen()
    wrong: list[tuple[Term, Term]] = [(0, "x"), (0, []), ("x", [])]
    accepted = [brief(t.catch(prim_inet.accept, listener, time, options)) for time, options in wrong]
    return (received, accepted)


@case(
    "send/data/one-number",
    title="A number where data should be: below gen_tcp it is one byte",
    means="""inet_tcp:send and prim_inet:send take the list of it, so 65 is sent as the letter A, and a number that is
    no byte is einval. gen_tcp does the same on inet; socket raises.""",
    source="gen_tcp:send/2; inet_tcp:send/3, prim_inet:send/3 (undocumented)",
)
def one_number(t: Subject) -> Term:
    sock, peer = t.pair()
    sends = [t.catch(gen_tcp.send, sock, data) for data in (65, 256, -1)]
    if is_port(t, sock):
        sends += [t.catch(inet_tcp.send, sock, data, []) for data in (66, [67], 300)]
        sends += [t.catch(prim_inet.send, sock, data, ["force"]) for data in (68, [[69], b"F"], "x")]
    gen_tcp.close(sock)
    return (sends, peer.drain(1.0)[0])


@case(
    "decode/http/tiny-limits",
    title="packet_size 1 limits a line of HTTP, 0 does not",
    means="""Any limit above 0 counts, however small: with 1 the empty line of CR and LF is too long already, and a
    single newline is not.""",
    source=DECODE,
)
def tiny_limits(t: Subject) -> Term:
    lines = (b"GET / HTTP/1.0\r\n\r\n", b"\r\n\r\n", b"a", b"\n\n")
    return [
        (kind, size, [decode(t, kind, line, ("packet_size", size)) for line in lines])
        for kind in ("http", "httph_bin", "line") for size in (0, 1, 2, 3)
    ]  # fmt: skip


@case(
    "options/opening/inet6-port",
    title="connect with inet6 and a port of its own, and no address: bound to all addresses",
    means="""{port, P} alone is enough to choose the port that one connects from. The address is the one that the
    system takes for the way there.""",
    source="gen_tcp:connect/4, option port",
    needs=("inet6",),
)
def inet6_port(t: Subject) -> Term:
    found: list[Term] = []
    for family, address in (("inet", LOOPBACK), ("inet6", LOOPBACK6)):
        listener = ok(gen_tcp.listen(0, t.options(family, PASSIVE, ("ip", address))))
        free = unchosen_port()
        options = t.options(family, PASSIVE, ("port", free))
        client = ok(gen_tcp.connect(address, ok(inet.port(listener)), options, 5000))
        here, port = ok(inet.sockname(client))
        found.append((family, here, port == free))
    return found


@case(
    "options/opening/ifaddr-map-lacking",
    title="A map that lacks its address or port: filled in by socket, and by listen of inet; connect of inet exits",
    means="""connect on inet takes no map at all as its own address, and exits with badarg however whole it is. Use
    {ip, Address} and {port, P}, which mean the same on both backends.""",
    source="gen_tcp:connect/4, listen/2, option ifaddr",
)
def map_lacking(t: Subject) -> Term:
    listener = t.listen(("ip", LOOPBACK))
    maps: list[dict[str, Term]] = [
        {"family": "inet"}, {"family": "inet", "addr": LOOPBACK}, {"family": "inet", "port": 0},
        {"family": "inet", "addr": LOOPBACK, "port": 0}, {"family": "inet", "addr": "foo", "port": 0},
        {"family": "inet", "addr": "foo"}, {"family": "foo", "addr": "foo", "port": 0},
    ]  # fmt: skip
    port = ok(inet.port(listener))
    return [
        (
            given,
            _reason(t.catch(gen_tcp.connect, LOOPBACK, port, t.options(PASSIVE, ("ifaddr", given)), 5000)),
            _reason(t.catch(gen_tcp.listen, 0, t.options(PASSIVE, ("ifaddr", given)))),
        )
        for given in maps
    ]


def _reason(result: Term) -> Term:
    match result:
        case ("exception", kind, (reason, *_)):
            return (kind, reason)
        case _:
            return brief(result)


@case(
    "options/raw/forms-asked",
    title="Forms of raw that getopts takes, and those that it does not",
    means="""{raw, Level, Option, Size} and {raw, {Level, Option, Size}}. What lacks a part, or has one too many, is
    einval, for all that is asked with it.""",
    source="inet:getopts/2, option raw",
)
def raw_forms(t: Subject) -> Term:
    sock, _ = t.pair()
    forms: tuple[Term, ...] = (
        ("raw", 6, 1, 4), ("raw", (6, 1, 4)), ("raw", 6, 1), ("raw", (6, 1)), ("raw", (6, 1, 4, 4)), ("raw", b"abc"),
        ("raw", [6, 1, 4]), ("raw",), "raw",
    )  # fmt: skip
    return [(form, t.catch(inet.getopts, sock, [form])) for form in forms]


@case(
    "ports/command/large",
    title="A command of four megabytes on an idle port: what the system does not take is queued",
    means="""The command returns true whatever its size: its data are the port's, and arrive whole, however slowly the
    peer reads.""",
    source="erlang:port_command/2",
)
def large_command(t: Subject) -> Term:
    sock, peer = t.stalled()
    if not is_port(t, sock):
        return "no port"
    data = payload()
    done = t.catch(erlang.port_command, sock, [b"\0\0", data])
    got, _ = peer.take(len(data))
    return (done, got == data)


@case(
    "packet/line/delimited-at-once",
    title="Many lines at once, with a delimiter of their own",
    means="""{line_delimiter, $;} is what ends a line, and a newline is a character as any other; that holds for lines
    that came together as for the first one.""",
    source="inet:setopts/2, option line_delimiter",
)
def delimited(t: Subject) -> Term:
    lines = [b"%d\n;" % number for number in range(40)]
    sock, peer = t.pair(("packet", "line"), ("line_delimiter", ord(";")))
    peer.send(b"".join(lines))
    passive = recvs(t, sock, *[(0, 2000)] * 10)
    inet.setopts(sock, [("active", True)])
    messages = t.messages(30)
    peer.send(b"a\n;")
    got = [line for _, line in passive] + [message[2] for message in messages]
    return (got == lines, [message[2] for message in t.messages(1)])


START_LINES = (
    b"HTTP/1.1 200 OK", b"HTTP/1.1 200  OK", b"HTTP/1.1 200 \tOK", b"HTTP/1.1 200\tOK", b"HTTP/1.1\t200 OK",
    b"HTTP/1.1 200 ", b"HTTP/1.1 200", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 2a0 OK", b"HTTP/1.2 200 OK",
    b"HTTP/1.1  200 OK", b"GET /a\tb HTTP/1.1", b"GET /\t HTTP/1.0", b"GET  / HTTP/1.1", b"GET / HTTP/1.1 x",
    b"GET / HTTP/1.0", b"GET /  HTTP/1.1", b"GET\t/ HTTP/1.1", b"GET / HTTP/1.2", b"GOT / HTTP/1.1", b"GET /", b"GET ",
    b"GET a HTTP/1.1", b"GET / \tHTTP/1.1",
)  # fmt: skip


@case(
    "decode/http/blanks-anywhere",
    title="Start lines with a blank or a tab more, or less, than there should be",
    means="""Blanks between the parts may be tabs, and several; behind the status they are not part of the phrase, and a
    tab ends the target of a request. Whoever compares the parts must not expect them to be as they came.""",
    source=DECODE,
)
def blanks_anywhere(t: Subject) -> Term:
    return [(line, decode(t, "http_bin", line + b"\r\n\r\n")) for line in START_LINES]


@case(
    "options/local/asked",
    title="Options of TCP and IP, asked of a local socket one by one",
    means="""What a local socket does not have is left out of the answer, or einval, and on inet the ones that only
    gen_udp uses are answered as on any socket. Ask one at a time if you do not know the family.""",
    source="inet:getopts/2; inet:local_address/0",
    needs=("local",),
)
def local_asked(t: Subject) -> Term:
    path = t.path()
    listener = t.raw_listener(path=path)
    sock = ok(gen_tcp.connect(("local", path.encode()), 0, t.options("binary", PASSIVE), 5000))
    t.raw_accept(listener)
    names = (
        "nodelay", "keepalive", "tos", "ttl", "tclass", "priority", "recvtos", "linger", "reuseaddr", "broadcast",
        "multicast_loop", "multicast_ttl", "multicast_if", "add_membership", "ipv6_v6only", "bind_to_device",
        "pktoptions", "netns",
        "debug", "nopush", "cork", "user_timeout", "show_econnreset",
    )  # fmt: skip
    return [(name, t.catch(inet.getopts, sock, [name])) for name in names]
