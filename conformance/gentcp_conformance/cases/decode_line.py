"""erlang:decode_packet/3 on lines: line ends, line_length, packet_size and line_delimiter."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import DECODE, decode
from .decode_length import decoded_all

LINE = DECODE + ", type line"
LENGTH = DECODE + ", option line_length"
LIMIT = DECODE + ", option packet_size"
DELIMITER = DECODE + ", option line_delimiter"


@case(
    "decode/line/crlf",
    title="A line keeps its CR LF",
    means="""Only the newline ends a line, and everything up to it belongs to the packet. Strip both yourself; a
    comparison with "QUIT\\n" fails for clients that send CR LF.""",
    source=LINE,
)
def crlf(t: Subject) -> Term:
    return decode(t, "line", b"abc\r\n")


@case(
    "decode/line/empty-line",
    title="An empty line is the newline alone",
    means="""A line is never an empty binary, since the newline belongs to it. The end of a head, as in HTTP, is a
    packet of one byte, or of two with CR LF, and not the empty one.""",
    source=LINE,
)
def empty_line(t: Subject) -> Term:
    return decode(t, "line", b"\n")


@case(
    "decode/line/unfinished",
    title="Without a newline: {more, undefined}",
    means="""Nobody knows how long a line will be, so there is no number to wait for. What you pass the next time must
    begin with these bytes again: nothing has been consumed.""",
    source=LINE,
)
def unfinished(t: Subject) -> Term:
    return decode(t, "line", b"abc")


@case(
    "decode/line-length/cut-in-pieces",
    title="line_length cuts a long line in pieces and drops nothing",
    means="""Truncated means split: the remainder of the line comes as the next packet, and the one after it. Only the
    last piece ends in a newline, and that is the one way to tell a piece from a line.""",
    source=LENGTH,
    contradicts="""That lines longer than line_length are truncated. They are divided: what is behind the cut is in the
    rest and is the next packet.""",
)
def cut_in_pieces(t: Subject) -> Term:
    return decoded_all(t, "line", b"abcdefgh\nij\n", ("line_length", 3))


@case(
    "decode/line-length/newline-is-left-over",
    title="A line of exactly line_length bytes is cut in front of its newline",
    means="""Three letters and a newline with line_length 3 make two packets, "abc" and "\\n", and the second one looks
    like an empty line, which ends a head in many protocols. The newline counts: allow for it.""",
    source=LENGTH,
)
def newline_is_left_over(t: Subject) -> Term:
    return decode(t, "line", b"abc\ndef", ("line_length", 3))


@case(
    "decode/line-length/full-before-the-end",
    title="line_length bytes without a newline are a packet at once",
    means="""The function does not wait to see whether a newline follows. A piece is handed out as soon as it is full,
    with an empty rest, and the line goes on in the next call.""",
    source=LENGTH,
)
def full_before_the_end(t: Subject) -> Term:
    return decode(t, "line", b"abc", ("line_length", 3))


@case(
    "decode/line-length/below",
    title="Below line_length an unfinished line waits",
    means="""Two bytes with a line_length of 3 are neither a line nor a piece yet. The option bounds what you have to
    buffer: there is never more than line_length without a packet.""",
    source=LENGTH,
)
def below(t: Subject) -> Term:
    return decode(t, "line", b"ab", ("line_length", 3))


@case(
    "decode/line-length/zero-is-none",
    title="line_length 0 cuts nothing",
    means="""Zero is the default and means lines of any length, as with packet_size. A limit that is computed and comes
    out as 0 limits nothing.""",
    source=LENGTH,
)
def line_length_zero(t: Subject) -> Term:
    return decode(t, "line", b"abc\n", ("line_length", 0))


@case(
    "decode/line-limit/newline-counts",
    title="packet_size of a line includes its newline",
    means="""With packet types 1, 2 and 4 the limit is for the payload alone; of a line the delimiter counts. A limit of
    3 refuses "abc\\n" and 4 lets it pass, and with CR LF it is one more. Set it to the longest line plus two.""",
    source=LIMIT,
)
def newline_counts(t: Subject) -> Term:
    return [(size, decode(t, "line", b"abc\n", ("packet_size", size))) for size in (2, 3, 4, 5)]


@case(
    "decode/line-limit/unfinished",
    title="packet_size refuses a line before its newline is there",
    means="""More bytes than the limit without a newline are invalid, exactly as many are not: a newline could not
    follow without breaking the limit, but the function waits for proof.""",
    source=LIMIT,
)
def limit_unfinished(t: Subject) -> Term:
    return [decode(t, "line", data, ("packet_size", 3)) for data in (b"ab", b"abc", b"abcd")]


@case(
    "decode/line-limit/beats-line-length",
    title="packet_size is checked first: what line_length would cut is invalid",
    means="""With both options a line over packet_size is an error even though each piece would be short enough. On an
    inet socket it is the same with buffer in the place of line_length. Use one of the two: cut, or refuse.""",
    source=LIMIT + " and line_length",
)
def beats_line_length(t: Subject) -> Term:
    return decode(t, "line", b"abcdef", ("packet_size", 5), ("line_length", 3))


@case(
    "decode/delimiter/any-byte",
    title="line_delimiter may be any byte, also 0 and 255",
    means="""Records that end in a semicolon, a NUL or 255 need no parser of their own. The newline is data then and
    appears within the packet; the delimiter stays at its end.""",
    source=DELIMITER,
)
def any_byte(t: Subject) -> Term:
    return [decode(t, "line", b"a\n" + bytes([byte]) + b"b", ("line_delimiter", byte)) for byte in (59, 0, 255, 10)]


@case(
    "decode/delimiter/no-byte",
    title="A delimiter that is no byte raises badarg",
    means="""decode_packet refuses 256 and -1. An inet socket takes them modulo 256 and socket accepts any term, and
    fails later, so a configuration that was tried out here may still surprise there.""",
    source=DELIMITER,
)
def no_byte(t: Subject) -> Term:
    return [(byte, decode(t, "line", b"a;b", ("line_delimiter", byte))) for byte in (256, -1, "foo", b";")]


@case(
    "decode/delimiter/with-line-length",
    title="The cut of line_length works with any delimiter",
    means="""The two options are independent: pieces of three bytes, and the last one ends in the semicolon. What tells
    a piece from a record is the delimiter you chose, not the newline.""",
    source=DELIMITER + " and line_length",
)
def with_line_length(t: Subject) -> Term:
    return decoded_all(t, "line", b"abcdefgh;ij;", ("line_length", 3), ("line_delimiter", ord(";")))
