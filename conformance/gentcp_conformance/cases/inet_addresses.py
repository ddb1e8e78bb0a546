"""Addresses as text and as tuples: what is one, what it means, and how it is written."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Iterable

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask

OLD = ("127.0.0.1", "127.1", "127.65535", "1.2.3", "2130706433", "4294967296", "256.0.0.1", "1.2.3.4.5")
BASES = ("0x7f.1", "0X7f000001", "0177.1", "08.0.0.1", "0x0.0.0.0", "0x", "00000000177.1", "0x00000000000000007f.1")
SIGNS = ("+127.0.0.1", "-0.0.0.1", "-1.0.0.1", "127.0.0.+1", "0x+7f.1", "0+177.1")
SHAPES = ("", ".", "1.", ".1", "1..2", " 127.0.0.1", "127.0.0.1 ", "127.0.0.1\n", "127.0.0.1/8", "localhost")
STRICT = ("127.0.0.1", "0.0.0.1", "255.255.255.255", "01.2.3.4", "1.2.3.004", "1.2.3", "1.2.3.256", "0x7f.0.0.1")
LONG = ("::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "FFFF::abcd", "0001::0")
NOT_LONG = (":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "1:2:3:4:5:6:7:8::", "[::1]")
MIXED = ("::1.2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1.2.3.4::", "::01.2.3.4", "::1.2.3", "::1.2.3.4:5")
SCOPES = ("fe80::1%", "fe80::1%1", "fe80::1%01", "fe80::1%065535", "fe80::1%065536", "fe80::1%eth0", "fe80::1%0x1")
SCOPED = ("ff02::1%03", "fe80:0::1%02", "fe80:1::1%02", "fe80::%04", "::1%01", "fec0::1%01", "fe80::1.2.3.4%01")
WORDS = (
    (0,) * 8, (*(0,) * 7, 1), (*(0,) * 7, 2), (0, 0, 0, 0, 0, 65535, 258, 772), (0, 0, 0, 0, 0, 1, 258, 772),
    (1, 0, 0, 2, 0, 0, 0, 3), (1, 0, 0, 2, 0, 0, 4, 3), (1, 0, 2, 0, 3, 0, 4, 0), (8193, 3512, 0, 0, 1, 0, 0, 0),
    (65152, 0, 0, 0, 0, 0, 0, 1), (65152, 7, 0, 0, 0, 0, 0, 1), (65282, 65535, 0, 0, 0, 0, 0, 1), (1, 7, *(0,) * 6),
)  # fmt: skip
NEITHER: tuple[Term, ...] = (
    (1, 2, 3),
    (1, 2, 3, 256),
    (1, 2, 3, -1),
    (1, 2, 3, 4.0),
    (65536, *(0,) * 7),
    "localhost",
    [],
    b"1234",
    {},
)


def parsed(t: Subject, function: str, texts: Iterable[str], *family: Term) -> Term:
    return [(list(text.encode()), ask(t, "inet", function, list(text.encode()), *family)) for text in texts]


@case(
    "inet/parse-address/old-notations",
    title="An IPv4 address of less than four numbers is one: the last fills what is left",
    means=""""127.1" is the loopback address, "1.2.3" is 1.2.0.3, and "2130706433" is an address, too. Whoever takes
    addresses from users wants parse_strict_address.""",
    source="inet:parse_address/1",
)
def old_notations(t: Subject) -> Term:
    return parsed(t, "parse_address", OLD)


@case(
    "inet/parse-address/bases",
    title="Numbers are octal behind a zero, and hexadecimal behind 0x",
    means=""""010.0.0.1" is 8.0.0.1 here and 10.0.0.1 in many other programs: lists of allowed addresses have been
    walked around that way. A hexadecimal zero is no number.""",
    source="inet:parse_address/1",
)
def bases(t: Subject) -> Term:
    return parsed(t, "parse_address", BASES)


@case(
    "inet/parse-address/signs",
    title="A decimal or hexadecimal number of an address may have a sign",
    means=""""+127.0.0.1" and "-0.0.0.1" are addresses, even to the strict functions. Nobody else's parser agrees, so
    do not hand such text on: use the tuple, or what ntoa makes of it.""",
    source="inet:parse_address/1; inet:parse_strict_address/1",
)
def signs(t: Subject) -> Term:
    return (parsed(t, "parse_address", SIGNS), parsed(t, "parse_strict_address", SIGNS))


@case(
    "inet/parse-address/shapes",
    title="Blanks, newlines, prefix lengths and names are no addresses: einval",
    means="""Text from files needs its newline cut off first. None of these functions asks anybody about a name.""",
    source="inet:parse_address/1",
)
def shapes(t: Subject) -> Term:
    return parsed(t, "parse_address", SHAPES)


@case(
    "inet/parse-strict/ipv4",
    title="Strict IPv4 is four decimal numbers without zeros in front",
    means="""parse_ipv4strict_address takes what everybody agrees about, and parse_strict_address IPv6 as well.""",
    source="inet:parse_ipv4strict_address/1",
)
def strict(t: Subject) -> Term:
    found = parsed(t, "parse_ipv4strict_address", STRICT)
    return (found, parsed(t, "parse_strict_address", ["127.1", "127.0.0.1", "::1"]))


@case(
    "inet/parse-ipv6/groups",
    title="IPv6 is eight groups of one to four digits, or fewer with one '::'",
    means="""'::' stands for at least one group of zeros, and upper case is as good as lower. Brackets, as in URLs,
    are not part of an address.""",
    source="inet:parse_ipv6strict_address/1",
)
def groups(t: Subject) -> Term:
    return (parsed(t, "parse_ipv6strict_address", LONG), parsed(t, "parse_ipv6strict_address", NOT_LONG))


@case(
    "inet/parse-ipv6/mixed",
    title="The last 32 bits of an IPv6 address may be written as a strict IPv4 address",
    means="""parse_ipv6_address takes a whole IPv4 address as well, and makes ::ffff:a.b.c.d of it; the strict one does
    not.""",
    source="inet:parse_ipv6_address/1; inet:parse_ipv6strict_address/1",
)
def mixed(t: Subject) -> Term:
    both = ["1.2.3.4", "1.2", "::1"]
    found = parsed(t, "parse_ipv6strict_address", MIXED)
    return (found, parsed(t, "parse_ipv6_address", both), parsed(t, "parse_ipv6strict_address", both))


@case(
    "inet/parse-ipv6/scope",
    title="A scope is a number behind '%0', and becomes the second word of a link-local address",
    means=""""fe80::1%3" and "fe80::1%eth0" lose their scope without a word, "fe80::1%03" keeps it, and any other
    address with a scope is einval. The tuple with the scope in it is not what goes over the wire.""",
    source="inet:parse_ipv6_address/1",
)
def scope(t: Subject) -> Term:
    return (parsed(t, "parse_ipv6_address", SCOPES), parsed(t, "parse_ipv6_address", SCOPED))


@case(
    "inet/parse-address/family",
    title="parse_address and parse_strict_address take a family, too",
    means="""Undocumented, and what the name resolution uses: with inet there is no IPv6, with inet6 IPv4 is mapped
    unless strict. Another family is function_clause.""",
    source="inet:parse_address/2; inet:parse_strict_address/2",
)
def family(t: Subject) -> Term:
    texts = ["1.2", "1.2.3.4", "::1"]
    return [
        [parsed(t, function, texts, kind) for kind in ("inet", "inet6", "local")]
        for function in ("parse_address", "parse_strict_address")
    ]


@case(
    "inet/parse-address/no-string",
    title="What is no string is einval to some of the functions, and function_clause to others",
    means="""parse_address and parse_strict_address say einval for any term. The functions for IPv4, and
    parse_ipv6_address, which looks for IPv4 first, do not look at what they are given.""",
    source="inet:parse_address/1",
)
def no_string(t: Subject) -> Term:
    functions = (
        "address",
        "strict_address",
        "ipv4_address",
        "ipv4strict_address",
        "ipv6_address",
        "ipv6strict_address",
    )
    terms: list[Term] = [1, b"::1", (1, 2, 3, 4), [-1], [1.5], [[49]], [0x10FFFF]]
    return [(name, [ask(t, "inet", f"parse_{name}", term) for term in terms]) for name in functions]


@case(
    "inet/ntoa/ipv6",
    title="ntoa shortens the first of the longest runs of zeros, and shows IPv4 in IPv6",
    means="""A run of one zero stays. Addresses whose first six words are zero end in dotted decimal, all but :: and
    ::1. A scope comes back as '%0' and the number.""",
    source="inet:ntoa/1",
)
def ntoa_ipv6(t: Subject) -> Term:
    return [(words, ask(t, "inet", "ntoa", words)) for words in WORDS]


@case(
    "inet/ntoa/others",
    title="ntoa writes IPv4 with dots, and says einval for what is no address",
    means="""It is one of the few functions whose error comes without an ok on the other side: match a list, or the
    error.""",
    source="inet:ntoa/1",
)
def ntoa_others(t: Subject) -> Term:
    return [ask(t, "inet", "ntoa", term) for term in ((1, 2, 3, 4), (255, 0, 255, 0), *NEITHER)]


@case(
    "inet/is-address/terms",
    title="is_ip_address and its relatives take any term, and look at every number of a tuple",
    means="""They are safe as a check of what somebody else hands over, since no term makes them fail. Text is no
    address to them: parse it first.""",
    source="inet:is_ip_address/1; inet:is_ipv4_address/1; inet:is_ipv6_address/1",
)
def is_address(t: Subject) -> Term:
    terms: list[Term] = [(0, 0, 0, 0), (255, 255, 255, 255), (0,) * 8, (65535,) * 8, *NEITHER]
    names = ("is_ip_address", "is_ipv4_address", "is_ipv6_address")
    return [(term, [ask(t, "inet", name, term) for name in names]) for term in terms]


@case(
    "inet/mapped/both-ways",
    title="ipv4_mapped_ipv6_address maps IPv4 into IPv6, and any IPv6 address to its last 32 bits",
    means="""The way back does not look whether the address is a mapped one: ::1 becomes 0.0.0.1. Check for ::ffff
    first.""",
    source="inet:ipv4_mapped_ipv6_address/1",
)
def mapped(t: Subject) -> Term:
    terms: list[Term] = [(1, 2, 3, 4), (0, 0, 0, 0, 0, 65535, 258, 772), (0, 0, 0, 0, 0, 0, 0, 1), *NEITHER]
    return [ask(t, "inet", "ipv4_mapped_ipv6_address", term) for term in terms]
