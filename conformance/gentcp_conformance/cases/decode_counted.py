"""erlang:decode_packet/3 on the types that others have defined: asn1, cdr, sunrm, fcgi, tpkt and ssl_tls."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import DECODE, decode
from .decode_length import decoded_all

ASN1 = DECODE + ", type asn1"
CDR = DECODE + ", type cdr"
FCGI = DECODE + ", type fcgi"
SUNRM = DECODE + ", type sunrm"
TLS = DECODE + ", type ssl_tls"
TPKT = DECODE + ", type tpkt"
LIMIT = DECODE + ", option packet_size"

HELLO: dict[str, bytes] = {
    "asn1": b"\x30\5hello",
    "cdr": b"GIOP\1\2\0\0\0\0\0\5hello",
    "sunrm": b"\x80\0\0\5hello",
    "fcgi": b"\1\6\0\1\0\5\0\0hello",
    "tpkt": b"\3\0\0\x09hello",
    "ssl_tls": b"\x16\3\3\0\5hello",
}
"""A packet of each type with the payload hello."""


@case(
    "decode/counted/keeps-header",
    title="asn1, cdr, sunrm, fcgi and tpkt leave the header in the packet; 1, 2 and 4 take it away",
    means="""What you get can be parsed by a library for the protocol as it is, since it begins where the protocol says.
    Do not skip the header twice because packet 4 taught you that it is gone. ssl_tls is the exception: a tuple.""",
    source=DECODE + ", Type",
)
def keeps_header(t: Subject) -> Term:
    return [(kind, decode(t, kind, data + b"next")) for kind, data in HELLO.items()]


@case(
    "decode/counted/prefixes",
    title="Every prefix asks for more: undefined within the header, the whole length behind it",
    means="""As soon as the header is there you know how many bytes the whole packet has, header included. Within the
    header there is no number, and headers are of 2 to 12 bytes: do not ask recv for a fixed 4.""",
    source=DECODE + ", Type",
)
def prefixes(t: Subject) -> Term:
    return [(kind, [decode(t, kind, data[:end]) for end in range(len(data))]) for kind, data in HELLO.items()]


@case(
    "decode/counted/packet-size",
    title="packet_size counts what follows the header, with each of them",
    means="""A payload of five bytes passes a limit of five and is refused by one of four, whatever the header is long.
    The limit of a protocol's specification often counts the header: subtract it.""",
    source=LIMIT,
)
def packet_size(t: Subject) -> Term:
    return [(kind, [decode(t, kind, data, ("packet_size", size)) for size in (4, 5)]) for kind, data in HELLO.items()]


@case(
    "decode/counted/refused-early",
    title="A header over packet_size is refused before its payload is there",
    means="""An attacker who announces much costs you the header only, if packet_size is set. Without it the function
    says how much to wait for, and a loop that believes it buffers up to 2 GB.""",
    source=LIMIT,
)
def refused_early(t: Subject) -> Term:
    headers: dict[str, bytes] = {
        "asn1": b"\x30\x84\7\0\0\0", "cdr": b"GIOP\1\2\0\0\7\0\0\0", "sunrm": b"\x87\0\0\0",
        "fcgi": b"\1\6\0\1\xff\xff\0\0", "tpkt": b"\3\0\xff\xff", "ssl_tls": b"\x16\3\3\xff\xff",
    }  # fmt: skip
    return [
        (kind, decode(t, kind, data, ("packet_size", 1000)), decode(t, kind, data)) for kind, data in headers.items()
    ]


@case(
    "decode/counted/a-stream",
    title="Two packets and a half: two results, then more",
    means="""The rest is what stands behind the packet, so the loop for packet 1, 2 and 4 does for all of them.""",
    source=DECODE + ", Type",
)
def a_stream(t: Subject) -> Term:
    return [(kind, decoded_all(t, kind, data * 2 + data[:3])) for kind, data in HELLO.items()]


@case(
    "decode/asn1/lengths",
    title="asn1: short and long lengths of up to four bytes; five are invalid",
    means="""BER allows a length to be written in more bytes than it needs, and all of these are taken. A length of five
    or more length bytes is refused even if it is small, but only when all its bytes are there.""",
    source=ASN1,
)
def asn1_lengths(t: Subject) -> Term:
    heads = (b"\x02", b"\x81\2", b"\x82\0\2", b"\x83\0\0\2", b"\x84\0\0\0\2", b"\x85\0\0\0\0", b"\x85\0\0\0\0\2")
    return [(head, decode(t, "asn1", b"\x30" + head + b"ab")) for head in heads]


@case(
    "decode/asn1/long-tags",
    title="asn1: a tag of several bytes is followed to its end",
    means="""A tag whose low five bits are set goes on until a byte below 128, and there is no limit to that: a stream
    of 255 is a tag that never ends, and packet_size says nothing about it. Limit what you buffer yourself.""",
    source=ASN1,
)
def asn1_long_tags(t: Subject) -> Term:
    tags = (b"\x1f\5", b"\x1f\x81\5", b"\x1f" + b"\xff" * 5 + b"\x7f", b"\x1f\x81", b"\x1f" + b"\xff" * 2000)
    return [decode(t, "asn1", tag + b"\1a" if tag[-1] < 128 else tag, ("packet_size", 10)) for tag in tags]


@case(
    "decode/asn1/indefinite",
    title="asn1: the indefinite length is taken for a length of 0",
    means="""A value in the indefinite form falls apart: two bytes of head are one packet, and its contents are taken
    for the values that follow. LDAP and SNMP do not use that form; for what does, use raw and a parser.""",
    source=ASN1,
)
def asn1_indefinite(t: Subject) -> Term:
    return decode(t, "asn1", b"\x30\x80ab\0\0")


@case(
    "decode/asn1/gigabytes",
    title="asn1: a length beyond 2 GB is invalid, one below is waited for",
    means="""Lengths that do not fit 31 bits together with their header are refused at once. All others are believed;
    set packet_size.""",
    source=ASN1,
)
def asn1_gigabytes(t: Subject) -> Term:
    lengths = (b"\x7f\xff\xff\xf9", b"\x7f\xff\xff\xfa", b"\x80\0\0\0", b"\xff\xff\xff\xff")
    return [decode(t, "asn1", b"\x30\x84" + length + b"x") for length in lengths]


@case(
    "decode/cdr/byte-order",
    title="cdr: the flag in the seventh byte says how the length is to be read",
    means="""The same four bytes are 5 or 83886080, depending on the lowest bit of the flags. Both orders come from real
    ORBs, and nothing has to be set for that.""",
    source=CDR,
)
def cdr_byte_order(t: Subject) -> Term:
    heads = (b"GIOP\1\2\0\0\0\0\0\5", b"GIOP\1\2\1\0\5\0\0\0", b"GIOP\1\2\1\0\0\0\0\5", b"GIOP\1\2\2\0\0\0\0\5")
    return [decode(t, "cdr", head + b"hello") for head in heads]


@case(
    "decode/cdr/magic",
    title="cdr: what does not begin with GIOP is invalid, but only when twelve bytes are there",
    means="""Three wrong bytes are still "more": a peer that speaks something else is found out when it has sent a whole
    header. A time limit for the first packet must cover the case that it never does.""",
    source=CDR,
)
def cdr_magic(t: Subject) -> Term:
    return [
        decode(t, "cdr", data)
        for data in (b"XIO", b"GIOX\1\2\0\0\0\0\0", b"GIOX\1\2\0\0\0\0\0\0", b"GIOP\xff\xff\0\0" + bytes(4))
    ]


@case(
    "decode/sunrm/fragments",
    title="sunrm: each fragment is a packet, and the bit of the last one stays in its header",
    means="""Record marking of ONC RPC: the highest bit of the header says that the fragment ends its record. Look at it
    and join the fragments yourself; the function does neither.""",
    source=SUNRM,
)
def sunrm_fragments(t: Subject) -> Term:
    return decoded_all(t, "sunrm", b"\0\0\0\3abc\x80\0\0\2de\x80\0\0\0")


@case(
    "decode/fcgi/padding",
    title="fcgi: the padding is dropped from the packet, but counts for packet_size",
    means="""The packet ends with the content although its header still tells of the padding: a parser that skips it
    runs past the end. A limit must allow for up to 255 bytes more than the content.""",
    source=FCGI + "; " + LIMIT,
)
def fcgi_padding(t: Subject) -> Term:
    record = b"\1\6\0\1\0\5\3\0hellopad"
    sizes = [decode(t, "fcgi", record + b"x", ("packet_size", size)) for size in (7, 8)]
    return [*sizes, decode(t, "fcgi", record[:-1])]


@case(
    "decode/fcgi/version",
    title="fcgi: any version but 1 is invalid, once the header is there",
    means="""There is only one version of FastCGI, so the first byte is a good check that the peer speaks it at all. It
    is made when eight bytes have come.""",
    source=FCGI,
)
def fcgi_version(t: Subject) -> Term:
    return [decode(t, "fcgi", data) for data in (b"\2\6\0\1\0\0\0\0", b"\0\6\0\1\0\0\0\0", b"\2\6\0\1\0\0\0")]


@case(
    "decode/tpkt/length",
    title="tpkt: the length counts the header; less than four is invalid",
    means="""TPKT (RFC 1006, RDP, H.323) counts its own four bytes, unlike the others. A packet of exactly four is an
    empty one, and a smaller number is no packet.""",
    source=TPKT,
)
def tpkt_length(t: Subject) -> Term:
    return [(length, decode(t, "tpkt", bytes([3, 0, 0, length]) + b"x")) for length in (0, 3, 4, 5, 6)]


@case(
    "decode/tpkt/version",
    title="tpkt: any version but 3 is invalid",
    means="""The first byte tells TPKT from what else may come on the same port: RDP's fast path, for example, begins
    with 0 and makes the socket fail. For such protocols read the first byte in raw mode and decide.""",
    source=TPKT,
)
def tpkt_version(t: Subject) -> Term:
    return [decode(t, "tpkt", data) for data in (b"\2\0\0\5x", b"\0\x80\x05x", b"\3\xff\0\5x")]


@case(
    "decode/tls/record",
    title="ssl_tls: a record is a tuple with content type, version and body",
    means="""The function takes a TLS record apart and checks nothing: unknown types, versions and lengths over 2^14
    pass. In the place of the socket there is an empty list. It is what a proxy needs that looks at the first record
    (for SNI, say) without TLS of its own. The manual does not have this type.""",
    source=TLS,
)
def tls_record(t: Subject) -> Term:
    records = (b"\x16\3\3\0\5hello", b"\x17\3\1\0\0", b"\xff\0\0\0\1x", b"\x16\3\3\x7f\xff")
    return [decode(t, "ssl_tls", record + b"y") for record in records]


@case(
    "decode/tls/old-hello",
    title="ssl_tls: a client hello of SSL 2.0 comes dressed as a handshake record",
    means="""What old clients send first has no record header; it is delivered as content type 22 with the version from
    within the message, and a header that was never on the wire. A hello that is too short for a version is invalid.""",
    source=TLS,
)
def tls_old_hello(t: Subject) -> Term:
    hellos = (b"\x80\5\1\3\2ab", b"\x80\3\1\0\2", b"\x80\2\1\3\2", b"\x80\5\2\3\2ab")
    return [decode(t, "ssl_tls", hello + b"rest") for hello in hellos]
