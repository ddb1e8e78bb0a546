"""The default options that are settings of the kernel application."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gentcp.erl import application, gen_tcp

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief
from ._options import get

CONNECT, LISTEN = "inet_default_connect_options", "inet_default_listen_options"
SOURCE = "kernel application, configuration parameters; inet:connect_options/2, listen_options/2"


@contextmanager
def configured(key: str, value: Term) -> Generator[None, None, None]:
    """With this setting; a backend that runs elsewhere has it there as soon as a socket is made."""
    application.set_env("kernel", key, value)
    try:
        yield
    finally:
        application.unset_env("kernel", key)


def new_ones(t: Subject, options: Term, *given: Term) -> Term:
    """What a listener and a connected socket made with `given` have, `options` being the defaults for both."""
    names = ["nodelay", "mode", "active", "packet"]
    with configured(LISTEN, options), configured(CONNECT, options):
        made = [
            t.catch(gen_tcp.listen, 0, t.options(*given)),
            t.catch(gen_tcp.connect, LOOPBACK, t.raw_listener().port, t.options(*given), 5000),
        ]
    return [get(t, result[1], *names) if result[0] == "ok" else brief(result) for result in made]


@case(
    "options/kernel/defaults",
    title="connect and listen begin with the default options of the kernel application, but never with its active",
    means="""inet_default_connect_options and inet_default_listen_options of kernel hold for every socket of the node
    that does not say otherwise. active among them counts as true whatever it is. A single option need not be in a
    list.""",
    source=SOURCE,
    alone=True,
)
def defaults(t: Subject) -> Term:
    several: list[Term] = [("nodelay", True), ("mode", "binary"), ("active", False)]
    return [new_ones(t, several), new_ones(t, ("nodelay", True)), new_ones(t, ("active", False)), new_ones(t, [])]


@case(
    "options/kernel/replaced",
    title="An option of the call replaces the default",
    means="""Options have the last word in the call. What is not mentioned there stays as configured.""",
    source=SOURCE,
    alone=True,
)
def replaced(t: Subject) -> Term:
    return new_ones(t, [("nodelay", True), ("packet", 4)], ("packet", 2), ("active", False), "binary")


@case(
    "options/kernel/unchecked",
    title="Wrong defaults are found when a socket is made: badarg from connect, einval from listen",
    means="""Nothing checks the setting itself, so a mistake in a configuration file shows in every connect and listen
    of the node, as if their own options were wrong. A bare atom such as binary is an error on inet and
    without effect on socket.""",
    source=SOURCE,
    alone=True,
)
def unchecked(t: Subject) -> Term:
    wrong: list[list[Term]] = [[("nodelay", 1)], [("foo", 1)], ["binary"], [("ip", LOOPBACK)], [("backlog", 5)]]
    return [(options, *new_ones(t, options)) for options in wrong]


@case(
    "options/kernel/given-twice",
    title="One option twice among the defaults: the last counts on inet, the first on socket",
    means="""In the options of a call the last one counts on both. A configuration that is put together from two lists
    does not mean the same on the two backends: let it have each option once.""",
    source=SOURCE,
    alone=True,
)
def given_twice(t: Subject) -> Term:
    lists: list[list[Term]] = [
        [("packet", 1), ("packet", 2)], [("nodelay", True), ("packet", 4), ("nodelay", False)],
        [("buffer", 12345), ("recbuf", 54321)], [("recbuf", 54321), ("buffer", 12345)],
    ]  # fmt: skip
    return [(options, *both_with(t, options)) for options in lists]


def both_with(t: Subject, options: list[Term]) -> list[Term]:
    """What connect and listen make of the defaults."""
    names = ["packet", "nodelay", "buffer"]
    with configured(LISTEN, options), configured(CONNECT, options):
        listener = t.listen(("active", False))
        made = t.connect(t.port(listener), ("active", False))
    return [get(t, sock, *names) for sock in (made, listener)]


@case(
    "options/kernel/defaults-of-other-sockets",
    title="An option of datagram sockets among the defaults",
    means="""The defaults are not looked at when they are configured. On inet read_packets is taken and ignored; on
    socket it makes every connect and listen of the node exit with badarg, not return an error.""",
    source=SOURCE,
    alone=True,
)
def of_other_sockets(t: Subject) -> Term:
    return [new_ones(t, [option]) for option in (("read_packets", 5), ("broadcast", True), ("multicast_loop", True))]
