"""Streams of HTTP: a socket in mode http reads a head line by line, and knows which line comes next."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, close_peer, joined, last_message, receive_all, recvs, set_active, start

HTTP = PACKET + ", types http and http_bin"
HTTPH = PACKET + ", types httph and httph_bin"
MESSAGES = HTTP + "; option active"

HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\nx-foo:  bar \r\n\r\n"
GET = b"GET / HTTP/1.0\r\n\r\n"


def lines(t: Subject, kind: str, data: bytes, count: int, *options: Term) -> list[Term]:
    """What a socket of this type makes of `data` in one segment."""
    sock, peer = t.pair(("packet", kind), *options)
    peer.send(data)
    return receive_all(t, sock, count, 200)


@case(
    "packet/http/head",
    title="Each recv is a line of the head: the request, headers, http_eoh; then the next request",
    means="""The socket knows that headers follow a request, and that behind the empty line a request begins: set the
    type once and call recv. The strings are lists with http and binaries with http_bin.""",
    source=HTTP,
)
def head(t: Subject) -> Term:
    return [(kind, lines(t, kind, HEAD + GET, 7)) for kind in ("http", "http_bin")]


@case(
    "packet/http/response",
    title="A client reads responses with the same type",
    means="""Status line or request line is decided by its text, line by line, whichever side you are on.""",
    source=HTTP,
)
def response(t: Subject) -> Term:
    starts = (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 404\r\n", b"HTTP/1.0 500 Very Bad\n", b"HTTP/2 200 OK\r\n")
    return [lines(t, "http_bin", start + b"A: b\r\n\r\n", 3) for start in starts]


@case(
    "packet/http/mode-has-no-say",
    title="binary or list of the socket has no say: the type decides about strings",
    means="""A binary socket with http gives lists, and a list socket with http_bin binaries. The mode comes back into
    force with the body, in raw.""",
    source=HTTP + "; option mode",
)
def mode_has_no_say(t: Subject) -> Term:
    data = b"GET /a HTTP/1.1\r\nFoo: bar\r\n\r\n"
    return [(mode, kind, lines(t, kind, data, 2, mode)) for mode, kind in (("binary", "http"), ("list", "http_bin"))]


@case(
    "packet/http/byte-by-byte",
    title="Passive, each byte alone: the same lines",
    means="""However a client's head is cut, also between CR and LF, the results are those of one segment.""",
    source=HTTP + "; gen_tcp:recv/3",
)
def byte_by_byte(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    receiver = start(t, receive_all, t, sock, 5, 5000)
    peer.send_bytewise(HEAD + b"GET / HTTP/1.0\r\n")
    return receiver.outcome(10.0)


@case(
    "packet/http/active-byte-by-byte",
    title="Active, each byte alone: a message for each line",
    means="""The messages are {http, Socket, Packet}. A handle_info with clauses for tcp only never sees them.""",
    source=MESSAGES,
)
def active_byte_by_byte(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", "http"))
    peer.send_bytewise(HEAD)
    return t.messages(4)


@case(
    "packet/http/messages",
    title="Active: {http, S, Packet} for each line, errors too; then tcp_closed",
    means="""Lines come with the tag http, the end with tcp_closed: three tags and more to match in one loop. With
    active true a whole head is in the mailbox at once, and the body behind it is cut into lines before you can stop it.
    Use once.""",
    source=MESSAGES,
)
def messages(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", "http_bin"))
    peer.send(HEAD + b"GARBAGE\r\n")
    close_peer(peer)
    return t.messages(6)


@case(
    "packet/http/counted-messages",
    title="{active, 2}: each line counts, then tcp_passive",
    means="""Lines are packets, so the count is one of lines and not of requests. The lines behind the count wait for
    recv.""",
    source=MESSAGES,
)
def counted_messages(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 2), ("packet", "http_bin"))
    peer.send(HEAD)
    return (t.messages(3), receive_all(t, sock, 2, 500))


@case(
    "packet/http/body",
    title="Behind http_eoh set raw, and the body is there although it came in the same segment",
    means="""Read Content-Length on the way, set raw, recv that many bytes, and set http again for the next request.
    What was read ahead is neither lost nor cut into lines. (On OTP 25 socket lost the request behind the body.)""",
    source=HTTP,
)
def body(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody" + GET)
    found = receive_all(t, sock, 3, 500)
    raw = inet.setopts(sock, [("packet", "raw")])
    content = recvs(t, sock, (4, 500))
    return (found, raw, content, inet.setopts(sock, [("packet", "http_bin")]), receive_all(t, sock, 2, 500))


@case(
    "packet/http/body-active-once",
    title="Active once for each line, then raw for the body",
    means="""With once there is time after each message: at http_eoh set {packet, raw} and {active, once} in one call,
    and the next message is {tcp, S, Body}.""",
    source=MESSAGES,
)
def body_active_once(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"), ("packet", "http_bin"))
    peer.send(b"POST / HTTP/1.1\r\n\r\nbody")
    found = t.messages(1)
    set_active(t, sock, "once")
    found += t.messages(1)
    done = inet.setopts(sock, [("packet", "raw"), ("active", "once")])
    return (found, done, t.messages(1))


@case(
    "packet/http/body-forgotten",
    title="Without raw the body is taken for request lines",
    means="""A body without a line feed is waited for like an unfinished line; one with a line feed is http_error.
    Whoever posts "GET /admin HTTP/1.0" to you has made a request then: always read the body as the headers say.""",
    source=HTTP,
)
def body_forgotten(t: Subject) -> Term:
    contents = (b"body", b"a=b\nc", b"GET /admin HTTP/1.0\r\n\r\n")
    return [lines(t, "http_bin", b"POST / HTTP/1.1\r\n\r\n" + content, 4) for content in contents]


@case(
    "packet/http/error-goes-on",
    title="A line that is no request is http_error, and the next line is expected to be a request again",
    means="""After garbage the headers that follow are errors, too, one by one, up to and including the empty line.
    Answer 400 and close at the first one.""",
    source=HTTP,
)
def error_goes_on(t: Subject) -> Term:
    return [(kind, lines(t, kind, b"GARBAGE\r\nHost: a\r\n\r\n" + GET, 6)) for kind in ("http", "http_bin")]


@case(
    "packet/http/bad-header",
    title="A header that is none is http_error, and the headers go on",
    means="""Unlike a bad request line it does not end the head. http_eoh comes as usual, so a loop that only collects
    good headers does not notice.""",
    source=HTTP,
)
def bad_header(t: Subject) -> Term:
    return lines(t, "http_bin", b"GET / HTTP/1.1\r\nHost : a\r\nno colon\r\nA: b\r\n\r\n", 5)


@case(
    "packet/http/empty-lines",
    title="Empty lines in front of a request are errors",
    means="""Old clients send CR LF behind a body, and servers should skip it. Here it is {http_error, "\\r\\n"}: skip
    that one yourself.""",
    source=HTTP,
)
def empty_lines(t: Subject) -> Term:
    return lines(t, "http_bin", b"\r\n\n" + GET, 4)


@case(
    "packet/http/version-0-9",
    title="A request without a version: {0,9}, and headers are expected all the same",
    means="""A client of HTTP/0.9 sends the line and waits for the page. If you wait for http_eoh, both wait.""",
    source=HTTP,
)
def version_0_9(t: Subject) -> Term:
    return lines(t, "http_bin", b"GET /\r\n", 2) + lines(t, "http_bin", b"GET /\r\nA: b\r\n\r\n", 3)


@case(
    "packet/http/last-header-waits",
    title="A header waits for the first byte of the next line",
    means="""The next line might continue it. In a trace you will see the last header only together with the empty line;
    a debugger that types a head by hand sees every line one line late.""",
    source=HTTP,
)
def last_header_waits(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
    early = receive_all(t, sock, 2, 200)
    peer.send(b"\r")
    late = receive_all(t, sock, 2, 200)
    peer.send(b"\n")
    return (early, late, receive_all(t, sock, 1, 500))


@case(
    "packet/http/folded",
    title="A folded header is one packet, also when the fold comes in another segment",
    means="""The line ends stay in the value: replace them by a blank before you use it, or refuse it as RFC 9112 has
    it.""",
    source=HTTPH,
)
def folded(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "httph_bin"))
    peer.send(b"A: b\r\n")
    early = receive_all(t, sock, 1, 200)
    peer.send(b" c\r\n")
    peer.send(b"\td\r\n\r\n")
    return (early, receive_all(t, sock, 2, 500))


@case(
    "packet/http/headers-only",
    title="httph: headers at once, without a request line, and after http_eoh headers again",
    means="""For trailers of a chunked body, or for protocols that look like mail. On the types httph and httph_bin no
    request line is ever expected: one is an error.""",
    source=HTTPH,
)
def headers_only(t: Subject) -> Term:
    data = b"A: b\r\n\r\nC: d\r\n\r\nGET / HTTP/1.0\r\n\r\n"
    return [(kind, lines(t, kind, data, 6)) for kind in ("httph", "httph_bin")]


@case(
    "packet/http/set-again",
    title="Setting the type anew in the middle of a head: headers go on, on inet; a request is expected, on socket",
    means="""A setopts that sets {packet, http_bin} once more, along with active once, say, is harmless on inet. On
    socket the headers that follow become http_error. Set the type only where it changes.""",
    source=HTTP,
)
def set_again(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    first = receive_all(t, sock, 1, 500)
    done = inet.setopts(sock, [("packet", "http_bin")])
    return (first, done, receive_all(t, sock, 2, 500))


@case(
    "packet/http/head-in-lines",
    title="From http to line in the middle of a head, and back",
    means="""A header that is to be kept as it stands can be read as a line. Coming back to http afterwards the backends
    differ in what they expect next, as with setting the type anew: come back with httph_bin, which leaves no doubt.""",
    source=HTTP,
)
def head_in_lines(t: Subject) -> Term:
    return [(kind, through_lines(t, kind)) for kind in ("http_bin", "httph_bin")]


def through_lines(t: Subject, back: str) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(b"GET / HTTP/1.1\r\nX:  y \r\nHost: x\r\n\r\n")
    first = receive_all(t, sock, 1, 500)
    inet.setopts(sock, [("packet", "line")])
    second = receive_all(t, sock, 1, 500)
    inet.setopts(sock, [("packet", back)])
    return (first, second, receive_all(t, sock, 2, 500))


@case(
    "packet/http/strings-change",
    title="From http_bin to http in the middle of a head",
    means="""What has been cut is as it was, what follows is lists. On socket the request is forgotten with it.""",
    source=HTTP,
)
def strings_change(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(HEAD)
    first = receive_all(t, sock, 2, 500)
    done = inet.setopts(sock, [("packet", "http")])
    return (first, done, receive_all(t, sock, 2, 500))


@case(
    "packet/http/accepted",
    title="A listener's {packet, http_bin} is inherited by what it accepts, the state is not",
    means="""Each connection begins with a request line. That is all a small server needs: listen with http_bin, accept,
    recv until http_eoh.""",
    source=HTTP + "; gen_tcp:accept/1",
)
def accepted(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False), ("packet", "http_bin"))
    found: list[Term] = []
    for _ in range(2):
        peer = t.raw_connect(t.port(listener))
        sock = gen_tcp.accept(listener, 5000)[1]
        peer.send(b"GET / HTTP/1.1\r\nA: b\r\nC")
        found.append(receive_all(t, sock, 2, 500))
    return found


@case(
    "packet/http/handed-over",
    title="Handing over an active socket leaves {http, ...} messages behind, unlike {tcp, ...}",
    means="""controlling_process moves messages with the tags tcp and tcp_closed only. Lines of HTTP that were in the
    mailbox stay with the old owner, and the new one begins in the middle of a head. Hand over passive sockets, and let
    the new owner make them active.""",
    source="gen_tcp:controlling_process/2; " + MESSAGES,
    contradicts="That any messages of an active socket in the caller's mailbox are transferred. Those of http are not.",
)
def handed_over(t: Subject) -> Term:
    new = t.spawn(lambda: "ok")
    sock, peer = joined(t, "binary", ("active", True), ("packet", "http_bin"))
    peer.send(b"GET / HTTP/1.1\r\n")
    last_message("http")
    done = gen_tcp.controlling_process(sock, new.process)
    peer.send(b"Host: a\r\n\r\n")
    return (done, ("new", new.call(t.messages, 2)), ("old", t.messages(1)))
