"""Terms of the VM and their external format: a typed adapter around the package erlang_py.

erlang_py has classes of its own for atoms and binaries, decodes strings to bytes and encodes bytes as strings.  Here
terms are those of the Erlang face, both ways; what Python has no type for (pids, ports, references, funs, bit strings)
is `gentcp.terms.Opaque`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import erlang

from gentcp.terms import ImproperList, Opaque

Term = Any
Known = Callable[[Any], Term]
"""What stands for an opaque value or a socket's tuple: something of ours, or the value itself."""

_KINDS = {
    erlang.OtpErlangPid: "pid",
    erlang.OtpErlangPort: "port",
    erlang.OtpErlangReference: "reference",
    erlang.OtpErlangFunction: "fun",
    erlang.OtpErlangBinary: "bitstring",
}


_SOCKET = "$inet"
"""The first element of the tuple that stands for a socket of OTP's socket backend."""

_atom = lru_cache(maxsize=1024)(erlang.OtpErlangAtom)


def decode(frame: bytes) -> Term:
    """A frame as erlang_py has it; `term` makes a term of it, and of its parts one after the other."""
    return erlang.binary_to_term(frame)


def encode(value: Term) -> bytes:
    """The external format of what `outward` made."""
    encoded: bytes = erlang.term_to_binary(value)
    return encoded


def outward(term: Term, stands_for: Callable[[Term], Term]) -> Term:
    """What erlang_py encodes for a term.

    `stands_for` gives the VM's term for an object that is ours, such as a socket.  TypeError names what is no term.
    """
    if isinstance(term, str):
        return _atom(term)
    if isinstance(term, (bytes, bytearray, memoryview)):
        return erlang.OtpErlangBinary(bytes(term))
    if isinstance(term, tuple):
        return tuple([outward(item, stands_for) for item in term])
    if isinstance(term, list):
        return [outward(item, stands_for) for item in term]
    if term is None or isinstance(term, (bool, int, float)):
        return term
    if isinstance(term, dict):
        return {_key(outward(key, stands_for)): outward(value, stands_for) for key, value in term.items()}
    if isinstance(term, ImproperList):
        items = [outward(item, stands_for) for item in (*term.items, term.tail)]
        return erlang.OtpErlangList(items, improper=True)
    if isinstance(term, Opaque):
        return term.inner
    return outward(stands_for(term), stands_for)


def term(value: Any, known: Known) -> Term:
    """The term for a value of erlang_py."""
    kind = type(value)
    if kind is erlang.OtpErlangAtom:
        return value.value
    if kind is erlang.OtpErlangBinary and value.bits == 8:
        return value.value
    if kind is tuple:
        items = tuple([term(item, known) for item in value])
        return known(items) if items and items[0] == _SOCKET else items
    if kind is list:
        return [term(item, known) for item in value]
    if kind is bytes:  # a list of small integers
        return list(value)
    if value is None:
        return "undefined"
    if kind is dict:
        return {_hashable(term(key, known)): term(item, known) for key, item in value.items()}
    if kind is erlang.OtpErlangList:
        *front, tail = [term(item, known) for item in value.value]
        return ImproperList(front, tail)
    if kind in _KINDS:
        return known(Opaque(_KINDS[kind], value.binary(), value))
    return value


def _key(value: Any) -> Any:
    return erlang.OtpErlangList(value) if isinstance(value, list) else value


def _hashable(key: Term) -> Term:
    return tuple(key) if isinstance(key, list) else key
