"""Who is told of the end of a socket; with its lock held."""

from __future__ import annotations

from gentcp.abc import Term
from gentcp.process import Process, Ref, current_process


def cancel(monitors: dict[Ref, Process] | None, ref: Ref) -> bool:
    """Take out a monitor of the calling process; False when it has no such monitor."""
    if monitors is None or monitors.get(ref) is not current_process():
        return False
    del monitors[ref]
    return True


def fire(monitors: dict[Ref, Process], kind: str, term: object, reason: Term) -> None:
    """Tell everybody."""
    for ref, watcher in monitors.items():
        watcher.post(("DOWN", ref, kind, term, reason))
