"""Which rows of the inventory a call, its result, or a message are about.  Pure functions over Erlang terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gentcp.erl import ErlangError, ImproperList

Term = Any

_GIVEN = {
    "gen_tcp:connect": "connect",
    "gen_tcp:fdopen": "connect",
    "inet_tcp:connect": "connect",
    "gen_tcp:listen": "listen",
    "inet_tcp:listen": "listen",
    "inet:setopts": "setopts",
    "prim_inet:setopts": "setopts",
    "prim_inet:setopt": "setopts",
    "inet:getopts": "getopts",
    "prim_inet:getopts": "getopts",
    "prim_inet:getopt": "getopts",
}
"""Functions that take options, or names of options, and what that is to those."""

_TAGS = ("http_request", "http_response", "http_header", "http_eoh", "http_error")


def call(module: str, name: str, args: tuple[Term, ...]) -> Iterator[str]:
    """The uses in a call."""
    verb = f"{module}:{name}"
    yield f"{verb}/{len(args)}"
    if verb in _GIVEN:
        yield from _given(_GIVEN[verb], _options_of(verb, args))
    match verb, args:
        case (("gen_tcp:connect" | "inet_tcp:connect"), (address, *_)):
            yield from _address(address)
        case "erlang:decode_packet", (kind, _, options):
            yield f"packet/{kind}@decode"
            yield from (f"decode_option/{each}" for each in _names(options))
        case "erlang:port_command", (_, _, options):
            yield from (f"port_command_option/{each}" for each in _names(options))
        case "application:set_env", ("kernel", key, *_):
            yield f"setting/{key}"
        case "inet:format_error", (reason,):
            yield f"text/{reason}"
        case _:
            pass


def result(module: str, name: str, value: Term) -> Iterator[str]:
    """The uses in what a call gave."""
    match value:
        case ("error", reason):
            yield from _reason(reason)
        case ("ok", list() as pairs) if name == "getstat":
            yield from (f"stat/{each}" for each in _names(pairs))
        case ("ok", packet, *_) if name in {"recv", "decode_packet"}:
            yield from _http(packet)
        case dict() if (module, name) == ("inet", "info"):
            yield from (f"info/{key}" for key in value)
        case _:
            pass


def raised(error: ErlangError) -> Iterator[str]:
    """The uses in an exception."""
    yield f"exception/{error.term}"


def message(term: Term) -> Iterator[str]:
    """The uses in a message that a process of the case received."""
    match term:
        case ("DOWN", _, kind, _, _):
            yield f"message/DOWN {kind}"
        case ("monitor", _, what, _):
            yield f"message/monitor {what}"
        case (str() as tag, _, *more):
            yield f"message/{tag}"
            yield from _content(tag, more)
        case _:
            pass


def _content(tag: str, more: list[Term]) -> Iterator[str]:
    match tag, more:
        case "http", [packet]:
            yield from _http(packet)
        case "tcp_error", [reason]:
            yield from _reason(reason)
        case (("inet_async" | "inet_reply"), [*_, ("error", reason)]):
            yield from _reason(reason)
        case "inet_async", [_, ("ok", packet)]:
            yield from _http(packet)
        case _:
            pass


def _options_of(verb: str, args: tuple[Term, ...]) -> list[Term]:
    """The list of options among the arguments, or of their names."""
    if verb.endswith(("setopt", "getopt")):
        return [tuple(args[1:])]
    position = 2 if verb.endswith(":connect") and not isinstance(args[0], dict) else 1
    found = args[position] if len(args) > position else None
    if isinstance(found, ImproperList):
        return list(found.items)
    return found if isinstance(found, list) else []


def _given(aspect: str, options: Iterable[Term]) -> Iterator[str]:
    for option in options:
        match option:
            case (str() as name, *values):
                yield f"option/{name}@{aspect}"
                if name == "packet" and values:
                    yield f"packet/{values[0]}@stream"
            case str():
                yield f"option/{option}@{aspect}"
            case _:
                pass


def _names(options: Term) -> Iterator[str]:
    for option in options if isinstance(options, list) else ():
        match option:
            case str() | (str(), *_):
                yield option if isinstance(option, str) else option[0]
            case _:
                pass


def _address(address: Term) -> Iterator[str]:
    match address:
        case dict():
            yield f"address/sockaddr map, {address.get('family')}"
        case ("local", str() | bytes() | list() as path):
            yield "address/abstract local name" if path[:1] in ("\0", b"\0", [0]) else "address/local path"
        case tuple():
            yield {4: "address/IPv4 tuple", 8: "address/IPv6 tuple"}.get(len(address), "")
        case "any" | "loopback":
            yield "address/any, loopback"
        case str() | list():
            text = address if isinstance(address, str) else "".join(map(chr, filter(_is_character, address)))
            numeric = ":" in text or text.replace(".", "").isdigit()
            yield "address/string with an address" if numeric else "address/host name"
        case _:
            pass


def _is_character(item: Term) -> bool:
    return isinstance(item, int) and 0 <= item < 0x110000


def _reason(reason: Term) -> Iterator[str]:
    match reason:
        case ("timeout", _):
            yield "reason/{timeout, Rest}"
        case str():
            yield f"reason/{reason}"
        case _:
            pass


def _http(packet: Term) -> Iterator[str]:
    match packet:
        case (str() as tag, *_) if tag in _TAGS:
            yield f"http/{tag}"
        case "http_eoh":
            yield "http/http_eoh"
        case _:
            pass
