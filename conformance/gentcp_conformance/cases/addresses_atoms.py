"""The addresses any and loopback, which are for listeners."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import brief


@case(
    "connect/address/any-and-loopback",
    title="any and loopback are looked up as host names",
    means="""They are addresses in the options ip and ifaddr and in a socket address map, not as the first argument of
    connect, where an atom is the name of a host: the resolver is asked for a host called loopback, and on a network
    with such a name you are connected to it. Write {127,0,0,1}, or localhost.""",
    contradicts="""The type of connect's first argument includes socket_address(), of which any and loopback are
    part.""",
    source="gen_tcp:connect/4; inet, type socket_address()",
)
def any_and_loopback(t: Subject) -> Term:
    port = t.raw_listener().port
    return [
        (address, brief(t.catch(gen_tcp.connect, address, port, t.options(("active", False)), 5000)))
        for address in ("loopback", "any")
    ]
