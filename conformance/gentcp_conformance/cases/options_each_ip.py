"""Each option of IPv4 and IPv6: defaults, set and read back, inheritance, wrong values."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._each import all_about


@case(
    "options/each/tos",
    title="tos: 0 by default, inherited, and the priority stays",
    means="""Linux would change the priority along with it; both backends put that back. Two bits belong to the
    system and are not yours to set.""",
    source="inet:setopts/2, option tos; gen_tcp:connect/4, listen/2",
)
def tos(t: Subject) -> Term:
    return all_about(t, "tos", (16, 184), ("foo", 256, -1, 1 << 32))


@case(
    "options/each/ttl",
    title="ttl: 64 by default, 1 to 255",
    means="""What the system refuses is reported by both backends, so an {error, einval} from setopts may mean a
    value out of range as well as one of the wrong type.""",
    source="inet:setopts/2, option ttl; gen_tcp:connect/4, listen/2",
)
def ttl(t: Subject) -> Term:
    return all_about(t, "ttl", (1, 255), ("foo", 0, 256, 1 << 32))


@case(
    "options/each/recvtos",
    title="recvtos: false by default, inherited",
    means="""Asks the system to keep the type of service that packets come with; getopts of pktoptions shows it.""",
    source="inet:setopts/2, option recvtos; gen_tcp:connect/4, listen/2",
)
def recvtos(t: Subject) -> Term:
    return all_about(t, "recvtos", (True, False), (1, "yes"))


@case(
    "options/each/recvttl",
    title="recvttl: false by default, inherited",
    means="""As recvtos, for the time to live: it says only that the value is wanted. The value itself is then
    read with getopts(S, [pktoptions]).""",
    source="inet:setopts/2, option recvttl; gen_tcp:connect/4, listen/2",
)
def recvttl(t: Subject) -> Term:
    return all_about(t, "recvttl", (True, False), (1, "yes"))


@case(
    "options/each/tclass",
    title="tclass: 0 by default, for IPv6",
    means="""IPv6's type of service, a number from 0 to 255. An accepted socket has that of its listener on inet
    and the system's default on socket: set it after accept.""",
    source="inet:setopts/2, option tclass; gen_tcp:connect/4, listen/2",
)
def tclass(t: Subject) -> Term:
    return all_about(t, "tclass", (8, 224), ("foo", 256, 1 << 32), "inet6")


@case(
    "options/each/recvtclass",
    title="recvtclass: false by default, for IPv6",
    means="""As recvtos, for the traffic class. socket takes it, though it never shows pktoptions of IPv6.""",
    source="inet:setopts/2, option recvtclass; gen_tcp:connect/4, listen/2",
)
def recvtclass(t: Subject) -> Term:
    return all_about(t, "recvtclass", (True, False), (1, "yes"), "inet6")


@case(
    "options/each/ipv6-v6only",
    title="ipv6_v6only: for listeners of IPv6",
    means="""connect exits with badarg, though the manual lists it, and on a connected socket the system refuses to
    change it. A listener on a single address has it, whatever you say; see options/opening/v6only.""",
    source="inet:setopts/2, option ipv6_v6only; gen_tcp:connect/4, listen/2",
)
def ipv6_v6only(t: Subject) -> Term:
    return all_about(t, "ipv6_v6only", (True, False), (1, "yes"), "inet6")


@case(
    "options/each/pktoptions",
    title="pktoptions: can be read, and nothing else",
    means="""Empty until recvtos, recvttl or recvtclass ask for something. setopts says einval; connect and listen
    exit with badarg.""",
    source="inet:setopts/2, option pktoptions; gen_tcp:connect/4, listen/2",
)
def pktoptions(t: Subject) -> Term:
    return all_about(t, "pktoptions", ([],), ([("tos", 1)], True))


@case(
    "options/system/memberships",
    title="Groups of multicast on a TCP socket: inet says ok and does nothing, or looks at the family",
    means="""add_membership and multicast_if belong to gen_udp. A TCP socket of inet takes them without an error when
    the family of the address is its own; do not conclude that a group was joined.""",
    source="inet:setopts/2, options add_membership, multicast_if",
)
def memberships(t: Subject) -> Term:
    sock, _ = t.pair()
    own, any4 = (224, 0, 0, 251), (0, 0, 0, 0)
    other: tuple[int, ...] = (0xFF02, 0, 0, 0, 0, 0, 0, 0xFB)
    options: list[Term] = [
        ("add_membership", (own, any4)), ("drop_membership", (own, any4)), ("add_membership", (other, 0)),
        ("multicast_if", any4), ("multicast_loop", True), ("multicast_ttl", 3),
    ]  # fmt: skip
    return [(option, t.catch(inet.setopts, sock, [option])) for option in options] + [
        (name, t.catch(inet.getopts, sock, [name])) for name in ("multicast_loop", "multicast_ttl")
    ]
