"""What moves in a step, from what is done and from the state before and after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .events import Kind, Point, State

CALLER, QUEUE, KERNEL, PEER = "c", "q", "k", "p"

_SENDS = frozenset({"gen_tcp:send", "file:sendfile", "prim_inet:send"})
_RECEIVES = frozenset({"gen_tcp:recv", "prim_inet:recv"})
_ENDS = frozenset({"gen_tcp:close", "gen_tcp:shutdown", "inet:close"})
_READS = frozenset({"recv", "recv_exact", "take", "drain"})
_PAYLOAD = re.compile(r"\w")


@dataclass(frozen=True)
class Arrow:
    """From lane to lane; `label` is FIN or RST, `message` tells a message to the mailbox from data."""

    start: str
    end: str
    label: str = ""
    message: bool = False


def arrows(point: Point, before: State, after: State) -> list[list[Arrow]]:
    """Arrows by the line they are drawn in."""
    found = [_data(point, before, after), *([_sign(sign, point, before, after)] for sign in _signs(point))]
    return [line for line in found if line]


def pills(before: State, after: State, *, inet: bool) -> list[tuple[str, str]]:
    """What stands on the lanes of queue and kernel where something has changed."""
    found: list[tuple[str, str]] = []
    if inet and before.queue != after.queue:
        found.append((QUEUE, after.queue or "empty"))
    if (before.out, before.into) != (after.out, after.into):
        way = [
            f"{after.out} →" if after.out not in {"", "full"} else after.out,
            f"← {after.into}" if after.into else "",
        ]
        found.append((KERNEL, " ".join(filter(None, way)) or "empty"))
    return found


def _signs(point: Point) -> tuple[str, ...]:
    return point.state.wire if point.state else ()


def _data(point: Point, before: State, after: State) -> list[Arrow]:
    if point.kind is Kind.CALL and point.verb in _SENDS and point.begins:
        return _sent(point, before, after)
    if point.kind is Kind.CALL and point.verb in _RECEIVES and point.ends and point.result.startswith("{ok,"):
        return [Arrow(KERNEL, CALLER)]
    if point.kind is Kind.MESSAGES and point.messages:
        return [Arrow(KERNEL, CALLER, message=True)]
    if point.kind is Kind.PEER and point.verb.startswith("send"):
        return [Arrow(PEER, KERNEL)]
    if point.kind is Kind.PEER and point.verb in _READS and _has_data(point.result):
        flushed = [Arrow(QUEUE, KERNEL)] if before.queue and before.queue != after.queue else []
        return [*flushed, Arrow(KERNEL, PEER)]
    return []


def _sent(point: Point, before: State, after: State) -> list[Arrow]:
    """Where the data of a send goes; nowhere if the state tells of nothing and neither does the result."""
    to_kernel = bool(after.out) and after.out != before.out
    if after.queue and after.queue != before.queue:
        return [Arrow(CALLER, QUEUE), *([Arrow(QUEUE, KERNEL)] if to_kernel else [])]
    if to_kernel:
        return [Arrow(CALLER, KERNEL)]
    if after.queue and (not point.ends or point.result in {"ok", "{error,timeout}"}):
        return [Arrow(CALLER, QUEUE)]
    return [Arrow(CALLER, KERNEL)] if point.result == "ok" and _PAYLOAD.search(point.args[1]) else []


def _sign(sign: str, point: Point, before: State, after: State) -> Arrow:
    label = sign.strip("<>")
    if sign.startswith("<"):
        return Arrow(PEER, KERNEL, label)
    by_driver = before.queue and point.verb not in _ENDS
    start = QUEUE if by_driver else CALLER if point.kind is Kind.CALL else KERNEL
    return Arrow(start, KERNEL if after.out and start != KERNEL else PEER, label)


def _has_data(result: str) -> bool:
    return not result.startswith(("{error", ", ", "<<>>"))
