"""Points as the short lines of a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .events import Point

_MB = 1024 * 1024
_DATA = re.compile(r"Data\((\d+)\)")
_COPY = re.compile(r"binary:copy\((<<[^>]*>>),(\d+)\)")
_IN_BINARY = re.compile(r"\((<<[^()]*>>)\)/binary")
_BACKEND = re.compile(r"\{inet_backend,Backend\},?")
_STILL_BLOCKED = "still_blocked"
_ENDS = {"timeout": "nothing more", "closed": "the end", "econnreset": "a reset"}
_HOW = {"read": "reading", "write": "writing", "read_write": "both ways"}
_MAKERS = frozenset({"gen_tcp:listen", "gen_tcp:connect", "gen_tcp:accept", "inet:port"})


@dataclass(frozen=True)
class Phrase:
    """What is said of a point: what is done, and what comes of it."""

    text: str = ""
    result: str = ""
    blocks: bool = False
    faint: bool = False
    peer: bool = False


def phrase(point: Point) -> Phrase | None:
    """The words for a point; None for one that the picture shows otherwise, or not at all."""
    match point.kind:
        case Kind.CALL:
            return _call(point)
        case Kind.MESSAGES:
            return _messages(point)
        case Kind.PEER:
            return _peer(point)
        case Kind.LOOK if point.result == _STILL_BLOCKED:
            return Phrase(f"P{point.other} is still blocked{_after(point.args)}", faint=True)
        case Kind.UNTIL:
            return Phrase(f"waits for {point.verb}", faint=True)
        case Kind.END:
            return Phrase(f"P{point.other} {'is killed' if point.verb == 'kill' else 'ends'}")
        case _:
            return None


def is_setup(point: Point) -> bool:
    """Whether a point belongs to how sockets come to be connected."""
    return point.kind is Kind.STAGE or (point.verb in _MAKERS and point.result.startswith("{ok,") and not point.took)


def setup(points: Sequence[Point]) -> str:
    """Several such points in one line."""
    return "; ".join(text for point in points if (text := _made(point)))


def data(text: str) -> str:
    """Expressions for long data, shortened."""
    text = _COPY.sub(lambda found: f"<<{found[2]}\N{MULTIPLICATION SIGN} {found[1][2:-2]}>>", text)
    text = _DATA.sub(lambda found: f"<<{_bytes(int(found[1]))}>>", text)
    return _IN_BINARY.sub(lambda found: found[1][2:-2], text)


def call(point: Point) -> str:
    """A call as its function and arguments."""
    verb = point.verb.removeprefix("gen_tcp:")
    return f"{verb}({','.join(data(_BACKEND.sub('', arg)) for arg in point.args)})"


def _call(point: Point) -> Phrase:
    if not point.begins:
        return Phrase(f"{point.verb.removeprefix('gen_tcp:')} returns", _result(point))
    times = "" if point.count == 1 else f" \N{MULTIPLICATION SIGN}{point.count}" if point.count else " again and again"
    if not point.ends:
        return Phrase(call(point), blocks=True)
    return Phrase(call(point) + times, _result(point))


def _result(point: Point) -> str:
    return f"{point.result} after {point.took}" if point.took else point.result


def _messages(point: Point) -> Phrase:
    if point.verb == "await":
        return Phrase("waits, does not take", ", ".join(point.messages))
    return Phrase("mailbox" if point.messages else "mailbox: nothing", ", ".join(point.messages))


def _peer(point: Point) -> Phrase | None:
    who = point.args[0].lower()
    args = [data(arg) for arg in point.args[1:]]
    match point.verb:
        case "send" | "send_bytewise":
            words = f"sends {args[0]}" + (", each byte alone" if point.verb == "send_bytewise" else "")
        case "recv" | "recv_exact" | "take" | "drain":
            return Phrase(f"{who} reads", _read(point.result), peer=True)
        case "shutdown":
            words = f"shuts down {_HOW[args[0] if args else 'write']}"
        case "close" | "reset":
            words = f"{point.verb}s"
        case "wait_ended":
            words = "sees the end" if point.result == "true" else "sees no end"
        case _:
            return None
    return Phrase(f"{who} {words}", peer=True)


def _read(result: str) -> str:
    """What a raw socket read, and what came then."""
    if result.startswith("{ok,"):
        return result.removeprefix("{ok,").removesuffix("}")
    read, _, end = result.removeprefix("{error,").removesuffix("}").rpartition(", ")
    if not read:
        return "nothing" if end == "timeout" else _ENDS.get(end, end)
    return f"{read}, {_ENDS[end]}" if end in _ENDS else read


def _made(point: Point) -> str:
    match point.verb, point.args:
        case "gen_tcp:connect", (_, _, options, *_):
            return f"{point.bound} = connect({_BACKEND.sub('', options)})"
        case "gen_tcp:listen", (_, options):
            return f"{point.bound} = listen({_BACKEND.sub('', options)})"
        case "gen_tcp:accept", _:
            return f"{point.bound} = accept({point.args[0]})"
        case "connect", _:
            return f"{point.bound.lower()} connects"
        case _:
            return ""


def _after(args: Sequence[str]) -> str:
    seconds = float(args[0]) if args and re.fullmatch(r"[\d.]+", args[0]) else 0.4
    return f" after {seconds * 1000:g} ms" if seconds else ""


def _bytes(count: int) -> str:
    return f"{count // _MB} MB" if count and count % _MB == 0 else f"{count} bytes"
