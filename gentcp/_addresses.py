"""Addresses and what else is needed to make a socket: from the Python face's spelling to the terms of backends."""

from __future__ import annotations

import os
import reprlib
import socket
from collections.abc import Mapping
from typing import Any, Final

from ._keywords import Address
from ._values import bounded, check_name, number, terms
from .engine.addresses import LONGEST_PATH, ip_text, ip_tuple, is_ip
from .errors import OptionError
from .options import ALLOWED, OPENING, PROTOCOLS

Term = Any
_IP: Final = (
    'an IP address as text or as a tuple of 4 or 8 numbers, "any", "loopback", a path object or ("local", path)'
)
_HOST: Final = 'a host name, an IP address as text or as a tuple of 4 or 8 numbers, a path object or ("local", path)'
_EITHER: Final = frozenset({"IPv4", "IPv6"})
_ONLY_IPV6: Final = frozenset({"IPv6"})
_LOCAL: Final = frozenset({"local"})


def host_term(host: object) -> Term:
    """Whom to connect to; the backend resolves names."""
    if isinstance(host, str):
        if "/" in host:
            raise OptionError(
                "host", f"{host!r} is no host name; for a local socket pass a path object, Path({host!r})"
            )
        if not host or "\0" in host:
            raise OptionError("host", f"expected {_HOST}, not {host!r}")
        return host
    return _address("host", host, _HOST)


def interface_term(name: str, value: object) -> Term:
    """What to bind to."""
    if isinstance(value, str) and value not in ("any", "loopback"):
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                return ip_tuple(value, family)
            except (OSError, ValueError):
                continue
    elif isinstance(value, str):
        return value
    return _address(name, value, _IP)


def _address(name: str, value: object, allowed: str) -> Term:
    if isinstance(value, os.PathLike):
        return _local(name, value)
    if isinstance(value, tuple):
        if len(value) == 2 and value[0] == "local":
            return _local(name, value[1])
        if is_ip(value, socket.AF_INET) or is_ip(value, socket.AF_INET6):
            return value
    raise OptionError(name, f"expected {allowed}, not {reprlib.repr(value)}")


def _local(name: str, path: object) -> Term:
    raw = path_term(name, path)
    if len(raw) > LONGEST_PATH:
        raise OptionError(name, f"the path of a local socket has at most {LONGEST_PATH} bytes, this one {len(raw)}")
    return ("local", raw)


def path_term(name: str, path: object) -> bytes:
    """The name of a file as the operating system has it; a zero byte can only begin an abstract name."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise OptionError(name, f"expected a path as str, bytes or path object, not {reprlib.repr(path)}")
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raw = None
    if raw is None or 0 in raw[1:] or (raw[:1] == b"\0" and name == "netns"):
        raise OptionError(name, f"{path!r} cannot be a path")
    return raw


def port_number(host: Term, port: object) -> int:
    """The peer's port; a local socket has none."""
    if _families(host) != _LOCAL:
        return number("port", port, 0, 65535)
    if port is not None:
        raise OptionError("port", "a local socket has none")
    return 0


def opening_terms(where: str, options: Mapping[str, object], host: Term = None) -> list[Term]:
    """The option list of connect ("c") or listen ("l"): first the family, then this face's defaults, then the rest."""
    for name in options:
        check_name(name, where)
    opening = [(name, _opening(name, value)) for name, value in options.items() if name in OPENING]
    others = {"mode": "binary", "active": False} | {k: v for k, v in options.items() if k not in OPENING}
    rest = [("port" if name == "local_port" else name, term) for name, term in opening if name != "inet6"]
    return [*_family_terms(host, opening), *terms(others), *rest]


def _opening(name: str, value: object) -> Term:
    kind = OPENING[name].kind
    if kind == "address":
        return interface_term(name, value)
    if kind == "filename":
        return path_term(name, value)
    if kind == "uint":
        return bounded(name, value)
    if isinstance(value, bool) if kind == "bool" else value in PROTOCOLS:
        return value
    raise OptionError(name, f"expected {ALLOWED[kind]}, not {reprlib.repr(value)}")


def _families(term: Term) -> frozenset[str]:
    """What an address can be reached by."""
    if isinstance(term, tuple):
        return _LOCAL if len(term) == 2 else _ONLY_IPV6 if len(term) == 8 else frozenset({"IPv4"})
    if isinstance(term, str) and ":" in term:
        return _ONLY_IPV6
    return _EITHER


def _family_terms(host: Term, opening: list[tuple[str, Term]]) -> list[Term]:
    """The option that chooses the family.  OptionError when the arguments disagree about it."""
    chosen, by = (_families(host), "host") if host is not None else (_EITHER | _LOCAL, "")
    for name, value in opening:
        if name in ("ip", "ifaddr", "inet6"):
            wanted = frozenset({"IPv6" if value else "IPv4"}) if name == "inet6" else _families(value)
            if not chosen & wanted:
                raise OptionError(name, f"{_listed(wanted)} does not go with {by}, which is {_listed(chosen)}")
            chosen, by = chosen & wanted, by or name
    return ["inet6"] if chosen == _ONLY_IPV6 else ["local"] if chosen == _LOCAL else []


def _listed(families: frozenset[str]) -> str:
    return " or ".join(sorted(families))


def address(term: Term) -> Address:
    """`{IP, Port}` or `{local, Path}` as Python has it."""
    if term[0] == "local":
        return os.fsdecode(bytes(term[1]))
    return ip_text(term[0]), term[1]


def text(name: Address) -> str:
    """An address for people."""
    if isinstance(name, str):
        return name or "unnamed"
    host, port = name
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
