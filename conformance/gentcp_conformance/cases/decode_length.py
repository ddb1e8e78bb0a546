"""erlang:decode_packet/3 on packet types raw, 1, 2 and 4: the parser behind the option packet, without a socket."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import DECODE, decode

TYPES = DECODE + ", types 1, 2 and 4"
LIMIT = DECODE + ", option packet_size"
OPTIONS = DECODE + ", options"


@case(
    "decode/length/packet-and-rest",
    title="One packet and what is behind it",
    means="""The packet comes without its header, and the rest is what to call with the next time. A loop that keeps the
    rest and adds what comes in from the network is all the framing a protocol needs.""",
    source=TYPES,
)
def packet_and_rest(t: Subject) -> Term:
    return decode(t, 2, b"\0\3abcdef")


@case(
    "decode/length/empty-packet",
    title="A header of zero is a packet, an empty one",
    means="""The empty binary is a result like any other, not a sign that there is nothing. A loop that stops at an
    empty packet stops at a peer's heartbeat.""",
    source=TYPES,
)
def empty_packet(t: Subject) -> Term:
    return decode(t, 2, b"\0\0")


@case(
    "decode/length/half-a-header",
    title="Half a header: {more, undefined}",
    means="""Until the header is complete there is no length to tell, and an atom stands where you may compute with a
    number. Treat undefined as "read something".""",
    source=TYPES,
)
def half_a_header(t: Subject) -> Term:
    return decode(t, 2, b"\0")


@case(
    "decode/length/header-alone",
    title="The header alone: {more, 7} counts the header",
    means="""The number in more is the length of the whole packet with its header, 7 for a packet of five bytes with
    packet 2. Subtract what you have before you ask recv for the rest.""",
    source=TYPES,
)
def header_alone(t: Subject) -> Term:
    return decode(t, 2, b"\0\5")


@case(
    "decode/length/part-of-the-body",
    title="Part of the body: {more, 6} does not shrink",
    means="""Bytes that are there already are counted, too: the number is a total and not what is missing. recv(S, 6)
    behind three bytes of six waits for the next packet's first three.""",
    source=TYPES,
)
def part_of_the_body(t: Subject) -> Term:
    return decode(t, 1, b"\5ab")


@case(
    "decode/length/byte-by-byte",
    title="Every prefix of a packet asks for more, and the last byte completes it",
    means="""Calling with each byte that arrives is correct, if slow: nothing is consumed until the packet is whole. The
    function keeps no state, so the buffer is yours to keep.""",
    source=TYPES,
)
def byte_by_byte(t: Subject) -> Term:
    whole = b"\0\0\0\3abc"
    return [(length, decode(t, 4, whole[:length])) for length in range(len(whole) + 1)]


@case(
    "decode/length/a-stream",
    title="Two packets and a half: two results, then more",
    means="""Feed the rest in again until it says more. What is left over then is the start of the next packet and must
    be put in front of what comes.""",
    source=TYPES,
)
def a_stream(t: Subject) -> Term:
    return decoded_all(t, 2, b"\0\3abc\0\0\0\5de")


def decoded_all(t: Subject, kind: Term, data: bytes, *options: Term) -> Term:
    """Packets from the front of `data`, and what the call gives that finds no further one."""
    packets: list[Term] = []
    while True:
        match decode(t, kind, data, *options):
            case ("ok", packet, rest):
                packets.append(packet)
                data = rest
            case result:
                return (packets, result)


@case(
    "decode/raw/everything",
    title="raw gives everything and no rest, and asks for more only when there is nothing",
    means="""In raw mode each non-empty binary is one packet. Code that is generic over the packet type needs no clause
    of its own for raw, and no packet of it is ever empty. The type 0 is another name.""",
    source=DECODE + ", types raw and 0",
)
def raw_everything(t: Subject) -> Term:
    return [decode(t, kind, data) for kind in ("raw", 0) for data in (b"abc", b"")]


@case(
    "decode/raw/packet-size",
    title="packet_size means nothing in raw mode",
    means="""The limit is one for framed packets: three bytes pass with a packet_size of 2. If raw data must be bounded,
    bound what you ask recv for.""",
    source=LIMIT,
)
def raw_packet_size(t: Subject) -> Term:
    return decode(t, "raw", b"abc", ("packet_size", 2))


@case(
    "decode/limit/payload-counts",
    title="packet_size counts the payload without the header",
    means="""A payload of five bytes passes a limit of five although the packet is six bytes long. Set the limit to what
    your protocol says of its messages, without adding the header.""",
    source=LIMIT,
)
def payload_counts(t: Subject) -> Term:
    return decode(t, 1, b"\5hello", ("packet_size", 5))


@case(
    "decode/limit/refused-early",
    title="The header of a packet over packet_size is enough to refuse it",
    means="""{error, invalid} comes as soon as the length is known and not when the body is there, so an attacker who
    announces a gigabyte costs you four bytes. A socket says emsgsize at the same point.""",
    source=LIMIT,
)
def refused_early(t: Subject) -> Term:
    return decode(t, 1, b"\5", ("packet_size", 4))


@case(
    "decode/limit/zero-is-none",
    title="packet_size 0 is no limit",
    means="""Zero is the default and means unlimited, and not that only empty packets are good. A limit that is computed
    and comes out as 0 protects from nothing.""",
    source=LIMIT,
)
def zero_is_none(t: Subject) -> Term:
    return decode(t, 4, b"\0\0\0\x09x", ("packet_size", 0))


@case(
    "decode/limit/two-gigabytes",
    title="packet 4 ends at 2^31 - 5, header included",
    means="""The header could say four gigabytes, but a packet that does not fit a signed 32 bit length with its header
    is invalid, limit or no limit. Whatever a decoder of your own allows above that a peer in Erlang refuses.""",
    source=TYPES,
)
def two_gigabytes(t: Subject) -> Term:
    lengths = (0x7FFFFFFB, 0x7FFFFFFC, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
    return [(length, decode(t, 4, length.to_bytes(4, "big") + b"x")) for length in lengths]


@case(
    "decode/badarg/unknown-type",
    title="A packet type that does not exist raises badarg",
    means="""Where a socket says einval to setopts and exits in connect, the function raises. Check a type that comes
    from configuration once, at the start.""",
    source=DECODE + ", Type",
)
def unknown_type(t: Subject) -> Term:
    return [(kind, decode(t, kind, b"abc")) for kind in ("foo", 3, 8, -1, b"line", "binary")]


@case(
    "decode/badarg/options",
    title="Unknown options and negative numbers raise badarg, for any type",
    means="""The options are checked also where they have no say: a delimiter of 256 is refused with packet type 1. The
    options of a socket cannot be passed on as they are, since active or mode are unknown here.""",
    source=OPTIONS,
)
def bad_options(t: Subject) -> Term:
    pairs = (("foo", 1), ("active", True), ("packet_size", -1), ("packet_size", "infinity"), ("line_delimiter", 256))
    return [(option, decode(t, 1, b"\3abc", option)) for option in (*pairs, "packet_size", ("line_length", 1 << 32))]


@case(
    "decode/badarg/no-binary",
    title="Only a binary can be decoded, no list and no iolist",
    means="""What a socket in list mode delivers, or a buffer built as an iolist, must be made one binary first. Doing
    that for each call copies the buffer each time: keep the rest as a binary and append.""",
    source=DECODE + ", Bin",
)
def no_binary(t: Subject) -> Term:
    return [t.catch(decode, t, 1, data) for data in (list(b"\3abc"), [b"\3", b"abc"], "abc")]
