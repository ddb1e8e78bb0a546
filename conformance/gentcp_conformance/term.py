"""Erlang notation of the terms that cases return, exactly as `io_lib:format("~0tp", [Term])` prints it on a VM.

A case returns ordinary Erlang-face terms.  `normalise` first replaces what can never be the same twice (sockets,
processes, references, long payloads) by a name, as the recorder on the VM does; `notation` then writes the text that
is compared with the recording.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeGuard

import gentcp
from gentcp.erl import ImproperList
from gentcp.terms import Opaque

# Any Erlang term as the Erlang face has it: str (atom), bool, int, float, bytes, list, tuple, dict, opaque identities.
Term: TypeAlias = Any

# Longer ones are compared by size only: a recording with 4 MB in it helps nobody.
LONGEST = 150

_PLAIN_ATOM = re.compile(r"[a-z\xdf-\xf6\xf8-\xff][A-Za-z0-9_@\xc0-\xd6\xd8-\xf6\xf8-\xff]*")
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or "
        "orelse receive rem try when xor",
    )
)
_OPAQUE = {"pid": "PID", "port": "SOCK", "reference": "REF", "fun": "FUN", "bitstring": "BITS"}
_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 27: "\\e", 92: "\\\\"}


def normalise(term: Term) -> Term:
    """`term` with identities named 'SOCK', 'PID', 'REF', 'FUN' and binaries or strings over 150 bytes by their size.

    Raises TypeError for a Python value that is no Erlang term.
    """
    for kind, replace in _NORMALISERS:
        if isinstance(term, kind):
            return replace(term)
    raise TypeError(f"not an Erlang term: {term!r}")


def notation(term: Term) -> str:
    """Erlang source text of a normalised term: `{ok,<<"abc">>}`, `"abc"`, `[1,2|tail]`, `'SOCK'`."""
    for kind, write in _WRITERS:
        if isinstance(term, kind):
            return write(term)
    raise TypeError(f"not an Erlang term: {term!r}")


def outcome_text(term: Term) -> str:
    """What is compared and recorded for the result of a case."""
    return notation(normalise(term))


def reason(term: Term) -> Term:
    """Exit or error reason without stack traces, call arguments and the wrapping of gen_statem calls."""
    match term:
        case (inner, ("gen_statem", "call", _)):
            return ("gen_statem_call_failed", reason(inner))
        case (inner, stack) if is_list(stack):
            return reason(inner) if _is_stack(stack) else (reason(inner), stack)
        case ("EXIT", inner):
            return ("EXIT", reason(inner))
        case (str() as module, str() as function, arguments) if is_list(arguments):
            return (module, function, len(arguments))
        case _:
            return term


def is_list(term: Term) -> TypeGuard[list[Term]]:
    """Whether `term` is a proper list."""
    return isinstance(term, list)


def is_tuple(term: Term) -> TypeGuard[tuple[Term, ...]]:
    """Whether `term` is a tuple."""
    return isinstance(term, tuple)


def _normalise_binary(data: bytes) -> Term:
    return ("big_binary", len(data)) if len(data) > LONGEST else data


def _normalise_tuple(items: tuple[Term, ...]) -> Term:
    return tuple(map(normalise, items))


def _normalise_opaque(term: Opaque) -> Term:
    return _OPAQUE[term.kind]


def _normalise_improper(term: ImproperList) -> Term:
    return ImproperList([normalise(item) for item in term.items], normalise(term.tail))


def _normalise_map(term: dict[Term, Term]) -> Term:
    return ("map", sorted(((normalise(k), _map_value(k, v)) for k, v in term.items()), key=_order))


def _normalise_list(items: list[Term]) -> Term:
    if _is_stack(items):
        return "STACK"
    if len(items) > LONGEST and all(type(item) is int and 0 <= item < 256 for item in items):
        return ("big_list", len(items))
    return [normalise(item) for item in items]


def _map_value(key: Term, value: Term) -> Term:
    if key == "port" and type(value) is int and 1024 <= value < 65536:
        return "PORT"
    return normalise(value)


def _order(pair: tuple[Term, Term]) -> str:
    return notation(pair[0])


def _is_stack(items: Sequence[Term]) -> bool:
    match items:
        case [(str(), str(), int() | list(), list()), *_]:
            return True
        case _:
            return False


def _itself(term: Term) -> Term:
    return term


def _named(name: str) -> Callable[[Term], Term]:
    return lambda _: name


def _atom(name: str) -> str:
    if _PLAIN_ATOM.fullmatch(name) and name not in _RESERVED:
        return name
    return _quoted(name, "'")


def _quoted(text: str, quote: str) -> str:
    return quote + "".join(f"\\{c}" if c == quote else _ESCAPES.get(ord(c), c) for c in text) + quote


def _printable(code: int) -> bool:
    # Latin-1, the range that a VM prints unless started with +pc unicode.
    return 32 <= code < 127 or 160 <= code < 256 or (code in _ESCAPES and code != 92)


def _binary(data: bytes) -> str:
    if not data:
        return "<<>>"
    try:
        text, suffix = data.decode(), "/utf8"
    except UnicodeDecodeError:
        text, suffix = data.decode("latin-1"), ""
    if all(_printable(ord(c)) for c in text):
        return f"<<{_quoted(text, chr(34))}{suffix if len(text) != len(data) else ''}>>"
    return f"<<{','.join(map(str, data))}>>"


def _list(items: Sequence[Term]) -> str:
    if items and all(type(item) is int and _printable(item) for item in items):
        return _quoted("".join(map(chr, items)), '"')
    return f"[{','.join(map(notation, items))}]"


def _improper(term: ImproperList) -> str:
    return f"[{','.join(map(notation, term.items))}|{notation(term.tail)}]"


def _tuple(items: tuple[Term, ...]) -> str:
    return "{" + ",".join(map(notation, items)) + "}"


def _float(value: float) -> str:
    mantissa, e, exponent = repr(value).partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def _bool(value: bool) -> str:
    return "true" if value else "false"


# bool before int: a bool is an int to isinstance.
_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, _bool),
    (int, str),
    (float, _float),
    (str, _atom),
    (bytes, _binary),
    (tuple, _tuple),
    (ImproperList, _improper),
    (list, _list),
)

_NORMALISERS: tuple[tuple[Any, Callable[[Any], Term]], ...] = (
    ((bool, int, float, str), _itself),
    (bytes, _normalise_binary),
    (tuple, _normalise_tuple),
    (ImproperList, _normalise_improper),
    (list, _normalise_list),
    (dict, _normalise_map),
    ((gentcp.Socket, gentcp.Listener), _named("SOCK")),
    (gentcp.Process, _named("PID")),
    (gentcp.Ref, _named("REF")),
    (Opaque, _normalise_opaque),
    (Callable, _named("FUN")),
)
