"""erlang:decode_packet/3 on the lines of HTTP: start lines, targets, headers, what is refused, and limits."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import DECODE, decode
from .decode_length import decoded_all

HTTP = DECODE + ", types http and http_bin"
HTTPH = DECODE + ", types httph and httph_bin"
PACKETS = DECODE + ", HttpPacket"
LIMIT = DECODE + ", option packet_size"


def line(t: Subject, data: bytes, kind: str = "http_bin") -> Term:
    """The packet for one line, or whatever else comes."""
    return bare(decode(t, kind, data))


def header(t: Subject, data: bytes) -> Term:
    """The packet for a header line, which the first byte of the next line completes."""
    return bare(decode(t, "httph_bin", data + b"x"))


def bare(result: Term) -> Term:
    match result:
        case ("ok", packet, _):
            return packet
        case _:
            return result


def requests(t: Subject, *targets: bytes) -> list[Term]:
    """Target, and what becomes of it."""
    return [(target, line(t, b"GET " + target + b" HTTP/1.1\r\n")) for target in targets]


@case(
    "decode/http/request",
    title="A request line: method as an atom, target, version; the rest is the headers",
    means="""The line end is gone, and the method is an atom you can match on. The function knows nothing of the line
    before: call it with http for the first line and with httph for all others, up to http_eoh.""",
    source=HTTP,
)
def request(t: Subject) -> Term:
    return [decode(t, kind, b"GET /a HTTP/1.1\r\nHost: b\r\n\r\n") for kind in ("http", "http_bin")]


@case(
    "decode/http/methods",
    title="Seven methods are atoms, all others are strings, also CONNECT and PATCH",
    means="""Only the methods of RFC 2068 are known. Two clauses are needed, one for atoms and one for strings, and a
    lower-case "get" is a method of its own. An unknown method never makes a new atom, so nobody can fill your atom
    table with them.""",
    source=PACKETS + ", HttpMethod",
)
def methods(t: Subject) -> Term:
    names = b"OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT PATCH PROPFIND get Get".split()
    return [line(t, name + b" / HTTP/1.1\r\n") for name in names]


@case(
    "decode/http/targets",
    title="Targets: a path, an asterisk, scheme and rest, or just a string",
    means="""What a client may put there comes in five shapes. A path keeps its query and is not decoded. The target of
    CONNECT looks like a scheme: {scheme, Host, Port}. Have a clause for each, or a tunnel request crashes you.""",
    source=PACKETS + ", HttpUri",
)
def targets(t: Subject) -> Term:
    return requests(t, b"/", b"/a%20b?c=d#e", b"//x", b"*", b"example.org:443", b"mailto:a@b", b"noslash", b"x")


@case(
    "decode/http/absolute",
    title="Absolute URIs: scheme, host, port or undefined, and path",
    means="""A proxy sees these; a server must take them, too. The port is undefined when it is missing, empty, zero or
    no number, and the path is / when there is none. A user and a password are taken for host and port, and the host is
    lost.""",
    source=PACKETS + ", HttpUri",
)
def absolute(t: Subject) -> Term:
    return requests(
        t, b"http://h/p?q", b"HTTP://H/p", b"https://h", b"http://h:81/p", b"http://h:/p", b"http://h:0/p",
        b"http://h:8x/p", b"http://u:p@h/p", b"http:///p", b"ftp://h/p",
    )  # fmt: skip


@case(
    "decode/http/ipv6-host",
    title="An IPv6 address in brackets: host with brackets, and the port behind them",
    means="""The port is what follows the bracket. OTP 25 cut the host at the first colon: there a proxy sees "[" as the
    host and must parse the target itself. Anything else between bracket and colon makes the port undefined.""",
    source=PACKETS + ", HttpUri",
)
def ipv6_host(t: Subject) -> Term:
    return requests(t, b"http://[::1]/p", b"http://[::1]:81/p", b"http://[::1]x:81/p", b"http://[::1:81/p")


@case(
    "decode/http/large-port",
    title="Ports and versions wrap around in 32 bits",
    means="""Port 4294967376 is 80, 2147483648 is negative, and HTTP/4294967297.1 is 1.1. Check the range of a port
    before you connect anywhere: what you check elsewhere in the text of the request may not be what you get here.""",
    source=PACKETS,
)
def large_port(t: Subject) -> Term:
    found = requests(t, b"http://h:65536/", b"http://h:4294967376/", b"http://h:2147483648/")
    return [*found, line(t, b"GET / HTTP/4294967297.1\r\n"), line(t, b"HTTP/1.1 4294967496 OK\r\n")]


@case(
    "decode/http/version",
    title="No version is HTTP/0.9; what follows a version is ignored",
    means=""""GET /" alone is a request of version {0,9}, to which headers do not belong: answer and close, or refuse.
    Garbage behind the version is dropped without a word, which a strict server may want to know of and cannot.""",
    source=PACKETS + ", HttpVersion",
)
def version(t: Subject) -> Term:
    ends = (b"", b" ", b" HTTP/1.0", b" HTTP/1.1 extra", b" HTTP/2.0", b" http/1.1", b" HTTP/1", b" HTTP/1.", b" HTTP")
    return [(end, line(t, b"GET /" + end + b"\r\n")) for end in ends]


@case(
    "decode/http/blanks",
    title="Blanks and tabs between the parts may be many; one in front makes the line an error",
    means="""More is let through than RFC 9112 allows. A front end that reads lines more strictly than the server behind
    it is how requests are smuggled: be as strict as the strictest of yours.""",
    source=HTTP,
)
def blanks(t: Subject) -> Term:
    lines = (b"GET  /  HTTP/1.1 ", b"GET\t/\tHTTP/1.1", b" GET / HTTP/1.1", b"GET / \tHTTP/1.1\r")
    return [(data, line(t, data + b"\r\n")) for data in lines]


@case(
    "decode/http/line-ends",
    title="A line feed alone ends a line as well as CR LF; a CR alone does not",
    means="""Test clients that are typed by hand work. For your own writing use CR LF, since other parsers are not as
    patient.""",
    source=HTTP,
)
def line_ends(t: Subject) -> Term:
    return [line(t, b"GET / HTTP/1.1" + end) for end in (b"\r\n", b"\n", b"\r", b"\n\r", b"\r\r\n")]


@case(
    "decode/http/response",
    title="A status line: version, number and phrase; the phrase may be missing, and so may the number",
    means="""The same type does for a client. A status is any number, and 0 if there is none: match the ranges that you
    know and treat the rest as an error of the server.""",
    source=PACKETS + ", HttpResponse",
)
def response(t: Subject) -> Term:
    lines = (b"1.1 200 OK", b"1.0 500 Very Bad", b"1.1 404", b"1.1 404 ", b"1.1 ", b"1.1 99999 x", b"0.9 7")
    return [(data, line(t, b"HTTP/" + data + b"\r\n")) for data in lines]


@case(
    "decode/http/no-response",
    title="Status lines that are http_error: HTTP/2, no version, letters for a number",
    means="""An error comes as a packet like any other, with ok around it. It has the whole line, line end included,
    which is what to write to the log.""",
    source=PACKETS + ", HttpError",
)
def no_response(t: Subject) -> Term:
    lines = (b"HTTP/2 200 OK", b"HTTP/1.1 abc OK", b"HTTP/1.1 20x OK", b"HTTP/x.1 200 OK", b"HTTP/ 200 OK", b"HTTP/1.1")
    return [line(t, data + b"\r\n") for data in lines]


@case(
    "decode/http/no-request",
    title="Request lines that are http_error: a word alone, an empty line, a method with a bracket",
    means="""An empty line in front of a request, which RFC 9112 asks servers to skip, is an error packet here: skip it
    yourself. The result says ok, so code that only looks for {error, _} takes garbage for a request.""",
    source=PACKETS + ", HttpError",
)
def no_request(t: Subject) -> Term:
    lines = (b"GARBAGE", b"", b"GET", b"G(T / HTTP/1.1", b"GET / HTTX/1.1", b"Host: a", b"\x16\3\1\2\0\1")
    return [line(t, data + b"\r\n", kind) for data in lines for kind in ("http", "http_bin")]


@case(
    "decode/http/incomplete",
    title="No line end: {more, undefined}, also for what can never be a request",
    means="""Nothing is looked at before the line feed is there. A client that sends no line feed is only stopped by
    packet_size or by your time limit.""",
    source=HTTP,
)
def incomplete(t: Subject) -> Term:
    return [decode(t, "http", data) for data in (b"", b"G", b"GET / HTTP/1.1", b"\0\0\0\0", b"GET / HTTP/1.1\r")]


@case(
    "decode/header/known-names",
    title="52 header names are atoms with a number, however they are spelt",
    means="""Match on the atom in its one spelling, 'Content-Length', and leave case to the function. Mind 'Etag',
    'Content-Md5' and 'Www-Authenticate'. The number is the position in OTP's table, and 0 for any other name. The
    fourth element is the name as it came.""",
    source=PACKETS + ", HttpHeader",
)
def known_names(t: Subject) -> Term:
    return [header(t, name + b": v\r\n") for name in KNOWN]


KNOWN = (
    b"cache-control", b"CONNECTION", b"Date", b"pragma", b"transfer-encoding", b"upgrade", b"via", b"accept",
    b"accept-charset", b"accept-encoding", b"accept-language", b"authorization", b"from", b"host",
    b"if-modified-since", b"if-match", b"if-none-match", b"if-range", b"if-unmodified-since", b"max-forwards",
    b"proxy-authorization", b"range", b"referer", b"user-agent", b"age", b"location", b"proxy-authenticate",
    b"public", b"retry-after", b"server", b"vary", b"warning", b"WWW-Authenticate", b"allow", b"content-base",
    b"content-encoding", b"content-language", b"content-length", b"content-location", b"Content-MD5",
    b"content-range", b"content-type", b"ETag", b"expires", b"last-modified", b"accept-ranges", b"set-cookie",
    b"set-cookie2", b"x-forwarded-for", b"cookie", b"keep-alive", b"proxy-connection",
)  # fmt: skip


@case(
    "decode/header/other-names",
    title="Any other name is a string in its usual spelling, and the number is 0",
    means="""x-request-id comes as X-Request-Id: capitals behind each dash, small letters elsewhere. Compare with that,
    or with the fourth element, which has what the peer wrote. TE and DNT come as Te and Dnt.""",
    source=PACKETS + ", HttpHeader",
)
def other_names(t: Subject) -> Term:
    names = (b"x-request-id", b"X-y-ZZ", b"TE", b"Sec-WebSocket-Key", b"a_bC", b"-x--y-", b"", b"x1Y")
    return [(name, header(t, name + b": v\r\n")) for name in names]


@case(
    "decode/header/long-names",
    title="A name of more than 50 bytes keeps its spelling",
    means="""The usual spelling is made for short names only. If you compare names, make both sides lower case.""",
    source=PACKETS + ", HttpHeader",
)
def long_names(t: Subject) -> Term:
    return [header(t, b"aB" * 24 + end + b": v\r\n") for end in (b"cD", b"cDe")]


@case(
    "decode/header/values",
    title="Blanks in front of a value are gone, those behind it are not",
    means="""RFC 9110 has them stripped on both sides; strip the end yourself, or "chunked " is not "chunked". An empty
    value is an empty string.""",
    source=PACKETS + ", HttpHeader",
)
def values(t: Subject) -> Term:
    return [
        header(t, b"A:" + value + b"\r\n") for value in (b"b", b"  b", b"\tb c", b" b \t", b"", b"  ", b":b", b"\xff")
    ]


@case(
    "decode/header/folded",
    title="A folded header is one packet with its line ends and blanks in it",
    means="""A line that begins with a blank continues the one before, as RFC 9112 no longer allows. The value then has
    CR LF in it: put it into a header of your own, and you have written two lines. Replace or refuse it.""",
    source=HTTPH,
)
def folded(t: Subject) -> Term:
    return [header(t, b"A: b" + fold) for fold in (b"\r\n c\r\n", b"\n\tc\n", b"\r\n \r\n", b"\r\n c\r\n d\r\n")]


@case(
    "decode/header/waits-for-next-byte",
    title="A header is complete when the first byte behind it is there",
    means="""The next line might continue it. So the last header comes only together with the empty line, and what a
    peer sends and then stops is one header short: the byte that is missing never comes.""",
    source=HTTPH,
)
def waits_for_next_byte(t: Subject) -> Term:
    return [decode(t, "httph", b"A: b\r\n" + end) for end in (b"", b" ", b" c\r\n", b"\r", b"\r\n", b"C")]


@case(
    "decode/header/end",
    title="The empty line is http_eoh, an atom; nothing has to follow it",
    means="""Behind http_eoh the body begins in the rest, to be read as Content-Length or Transfer-Encoding say, not
    with these types.""",
    source=PACKETS + ", http_eoh",
)
def end(t: Subject) -> Term:
    return [decode(t, kind, data) for kind in ("httph", "httph_bin") for data in (b"\r\nbody", b"\n", b"\n x", b"\r")]


@case(
    "decode/header/refused",
    title="Header lines that are http_error: no colon, a blank before it, a byte that is no token",
    means="""A blank between name and colon is a way to smuggle requests and is refused here. The error is a packet, and
    the next header is decoded as if nothing had been: decide whether you go on.""",
    source=PACKETS + ", HttpError",
)
def refused(t: Subject) -> Term:
    lines = (b"Host", b"A : v", b"(x): v", b"Hos\x80t: v", b"A B: v", b"GET / HTTP/1.1", b" A: v", b"x\x7f: v")
    return [header(t, data + b"\r\n") for data in lines]


@case(
    "decode/http/whole-head",
    title="A head by hand: http once, then httph until http_eoh",
    means="""This is what a socket in mode http does for you. The function itself keeps no state: http on a header line
    is an error, and httph on a request line, too.""",
    source=HTTP,
)
def whole_head(t: Subject) -> Term:
    status, start, rest = decode(t, "http_bin", b"POST / HTTP/1.1\r\nHost: a\r\nX-b: c\r\n\r\n")
    return (status, start, decoded_all(t, "httph_bin", rest))


@case(
    "decode/http/limits",
    title="packet_size bounds a line; so does line_length, which cuts nothing here",
    means="""A start line or a header, folds included, that is longer is {error, invalid}; with the length exactly equal
    it passes, line end counted. Cutting a header would change its meaning, so line_length is another name for the
    limit.""",
    source=LIMIT + " and line_length",
)
def limits(t: Subject) -> Term:
    lines = (("http", b"GET / HTTP/1.1\r\n"), ("httph", b"Accept: abcdef\r\n"))
    names = ("packet_size", "line_length")
    return [
        (kind, name, size, bare(decode(t, kind, data + b"x", (name, size))))
        for kind, data in lines
        for name in names
        for size in (15, 16, 17)
    ]


@case(
    "decode/http/limit-before-line-end",
    title="A line that has reached packet_size without a line feed is invalid at once",
    means="""Nothing more has to come to refuse it: sixteen bytes without a line feed are enough with a limit of
    sixteen. A line of packet type line waits for one byte more.""",
    source=LIMIT,
)
def limit_before_line_end(t: Subject) -> Term:
    return [
        decode(t, kind, b"A" * size, ("packet_size", 16)) for kind in ("http", "httph", "line") for size in (15, 16, 17)
    ]
