"""Running a program on one backend: its log, a line for everything that was seen."""

from __future__ import annotations

from collections.abc import Callable

from ..term import Term
from . import outcomes
from .deeds import LOOK, peer_drains, peer_reads
from .kind import Call
from .kinds import KINDS
from .opening import Refused, close_stage, open_stage
from .program import OWN, Program, Step, Zeros
from .stage import BLOCKED, Stage

_GRACE = 0.45
_A_SECOND = 20_000_000
_ASKING = frozenset({"recv", "getopts", "getstat", "sockname", "peername", "port", "info", "is_port", "getstatus"})
"""Calls after which nothing more happens."""


def run(program: Program, backend: str, patience: float = 1.0) -> list[str]:
    """The log of a program; raises `stage.Lost` when the subject has died or does not answer."""
    stage = Stage(program, backend, patience)
    try:
        open_stage(stage)
        for step in program.steps:
            _take(stage, step)
        _end(stage)
    except Refused:
        pass
    finally:
        stage.close()
        close_stage(stage)
    return stage.log


def _take(stage: Stage, step: Step) -> None:
    kind = KINDS[step.kind].does
    if isinstance(kind, Call):
        _call(stage, step, kind)
        return
    if not _is_there(stage, step):
        return
    value = kind.do(stage, step)
    if value is not None:
        stage.say(label(step), value)


def _is_there(stage: Stage, step: Step) -> bool:
    """Whether there is what the step is on."""
    return step.on in {"", *stage.peers} or (step.kind == "peer_connects" and step.on in stage.things)


def _call(stage: Stage, step: Step, kind: Call) -> None:
    if step.on not in stage.things:
        return
    actor = stage.actor(step.by)
    if state := stage.state_of(actor):
        stage.say(label(step), state)
        return
    try:
        function, arguments = kind.resolved(step, stage.things[step.on], lambda name: stage.actor(name).process)
    except AttributeError:
        stage.say(label(step), outcomes.UNDEFINED)
        return
    actor.start(label(step), kind.shows, _binding(stage, step, function), *arguments)
    if step.waits:
        stage.say(label(step), actor.look(_GRACE + _limit(step)))
    if not step.waits or step.kind not in _ASKING:
        stage.settle()


def _limit(step: Step) -> float:
    """What the call itself may take, in seconds: its timeout, and for much data the way into a VM."""
    last = step.args[-1] if step.args else 0
    if isinstance(last, Zeros):
        return last.size / _A_SECOND
    return last / 1000 if step.kind in {"recv", "accept"} and isinstance(last, int) else 0.0


def _binding(stage: Stage, step: Step, function: Callable[..., Term]) -> Callable[..., Term]:
    if not step.to:
        return function

    def bind(*arguments: Term) -> Term:
        value = function(*arguments)
        stage.bind(step.to, value)
        return value

    return bind


def label(step: Step) -> str:
    """What a line of the log begins with: process, kind, socket."""
    on = f" {step.on}" if step.on not in {"", "s", "p"} else ""
    return f"{step.by + ' ' if step.by else ''}{step.kind}{on}"


def _end(stage: Stage) -> None:
    """What can be seen in the end: results, mailboxes, what the peers got; and results and mailboxes after that."""
    blocked = _results(stage)
    _mailboxes(stage)
    for name in list(stage.peers):
        step = Step("peer", on=name)
        stage.say(f"end {label(step)}", (peer_drains if blocked else peer_reads)(stage, step))
    if blocked:
        _results(stage)
        _mailboxes(stage)


def _results(stage: Stage) -> bool:
    """Say what the calls under way have come to; whether some have not returned."""
    blocked = False
    for actor in [each for each in stage.actors.values() if not each.looked_at]:
        value = actor.look(LOOK * stage.patience)
        stage.say(f"end {actor.label}", value)
        blocked = blocked or value == BLOCKED
    return blocked


def _mailboxes(stage: Stage) -> None:
    for actor in list(stage.actors.values()):
        if stage.state_of(actor):
            continue
        actor.start("messages", outcomes.same, stage.messages)
        found = actor.look(5.0)
        if found or actor.name == OWN:
            stage.say(f"end {actor.name + ' ' if actor.name else ''}messages", found)
