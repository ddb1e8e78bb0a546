"""What a row of the table of kinds is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gentcp import erl

from ..term import Term
from .outcomes import Shows, same
from .program import Zeros

if TYPE_CHECKING:
    from .program import Step
    from .scene import Scene
    from .stage import Stage


def _plain(argument: Term) -> Term:
    return bytes(argument) if isinstance(argument, Zeros) else argument


Function = Callable[..., Term]


@dataclass(frozen=True)
class Call:
    """A call of OTP.  Its arguments are the socket that the step is on and those of the step.

    `shows` makes of the result what is compared.  `of_process`: the one argument of the step is the name of a process.
    `before`: further arguments, in front of the socket.  `wrapped`: what makes the call, given the arguments of the
    step and then the socket; `python` and `erlang` are its code then, as those of a `Deed`.
    """

    module: str
    function: str
    shows: Shows = same
    of_process: bool = False
    before: tuple[Term, ...] = ()
    wrapped: Callable[..., Term] | None = None
    python: str = ""
    erlang: str = ""

    def resolved(
        self, step: Step, thing: Term, process: Callable[[str], Term]
    ) -> tuple[Callable[..., Term], list[Term]]:
        """The function on the Erlang face and its arguments; AttributeError when there is none."""
        if self.wrapped is not None:
            return self.wrapped, [*step.args, thing]
        function: Callable[..., Term] = getattr(getattr(erl, self.module), self.function)
        given = [process(step.args[0])] if self.of_process else [_plain(argument) for argument in step.args]
        return function, [*self.before, thing, *given]


@dataclass(frozen=True)
class Deed:
    """Something else: what a peer does, what becomes of a process, looking.

    `python` and `erlang` are its code, with {on}, {by}, {to} and the arguments {0}, {1}.
    """

    do: Callable[[Stage, Step], Term]
    python: str = ""
    erlang: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of step: its name, how a step is drawn, and what it does."""

    name: str
    draw: Callable[[Scene], Step | None]
    does: Call | Deed
