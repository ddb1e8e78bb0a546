"""What happens in a program besides calls of OTP: peers, ends of processes, and looking at what has come of it all."""

# ruff: noqa: ARG001 - all of them are called with the stage and the step

from __future__ import annotations

import contextlib
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gentcp.erl import file

from ..term import Term
from ..waiting import CaseError
from . import opening, outcomes
from .stage import BUSY, ENDED

if TYPE_CHECKING:
    from .program import Step
    from .stage import Stage

_DELIVERY = 0.5
_READING = 0.035
_DRAINING = 0.12
LOOK = 0.12
"""Seconds that a look waits for a call."""


def peer_sends(stage: Stage, step: Step) -> None:
    """The peer sends all of it, and the subject's kernel has it."""
    peer = stage.peers[step.on]
    peer.raw.settimeout(_DELIVERY)
    with contextlib.suppress(OSError):
        peer.raw.sendall(bytes(step.args[0]))
    stage.settle()


def peer_reads(stage: Stage, step: Step) -> Term:
    """What is there for the peer, and what came then."""
    return outcomes.drained(*stage.peers[step.on].drain(_READING * stage.patience))


def peer_drains(stage: Stage, step: Step) -> Term:
    """The same of a peer that had been stalled: it waits for more."""
    return outcomes.drained(*stage.peers[step.on].drain(_DRAINING))


def peer_shuts(stage: Stage, step: Step) -> None:
    """The peer sends its end of file."""
    with contextlib.suppress(OSError, CaseError):
        stage.peers[step.on].shutdown()
    stage.settle()


def peer_closes(stage: Stage, step: Step) -> None:
    """The peer closes, which is a reset if it has not read everything."""
    stage.peers.pop(step.on).close()
    stage.settle()


def peer_resets(stage: Stage, step: Step) -> None:
    """The peer resets the connection."""
    stage.peers.pop(step.on).reset()
    stage.settle()


def peer_connects(stage: Stage, step: Step) -> Term:
    """Another raw peer connects to a listener."""
    if not opening.raw_connect(stage, step.to, step.on):
        return "refused"
    stage.settle()
    return None


def kill(stage: Stage, step: Step) -> Term:
    """The process is killed, in whatever call it is."""
    actor = stage.actors.get(step.args[0])
    if actor is None:
        return None
    actor.process.kill()
    stage.settle()
    return "ok"


def end(stage: Stage, step: Step) -> Term:
    """The process ends, when it is in no call."""
    actor = stage.actors.get(step.args[0])
    if actor is None or (state := stage.state_of(actor)) == ENDED:
        return None
    if state == BUSY:
        return state
    actor.leave()
    stage.settle()
    return "ok"


def messages(stage: Stage, step: Step) -> Term:
    """The mailbox of a process that is in no call."""
    actor = stage.actors.get(step.by)
    if actor is None:
        return None
    if state := stage.state_of(actor):
        return state
    actor.start("messages", outcomes.same, stage.messages)
    return actor.look(3.0)


def look(stage: Stage, step: Step) -> None:
    """What the calls that nobody waited for have come to."""
    for actor in stage.actors.values():
        if not actor.looked_at:
            stage.say(actor.label, actor.look(LOOK * stage.patience))


def wait(stage: Stage, step: Step) -> None:
    """Time passes."""
    time.sleep(step.args[0] / 1000)


@cache
def zeros(size: int) -> str:
    """A file of that many zero bytes, for as long as the worker lives."""
    path = Path(_folder().name) / f"zeros-{size}"
    path.write_bytes(bytes(size))
    path.chmod(0o644)
    return str(path)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="gentcp-explore-")
    Path(made.name).chmod(0o755)
    return made


def send_file(size: int, socket: Term) -> Term:
    """`file:sendfile/2` of a file of zeros."""
    return file.sendfile(zeros(size), socket)


def send_part(size: int, offset: int, count: int, socket: Term) -> Term:
    """`file:sendfile/5` of a part of a file of zeros."""
    opened = file.open(zeros(size), ["read", "raw", "binary"])
    try:
        return file.sendfile(opened[1], socket, offset, count, [])
    finally:
        file.close(opened[1])
