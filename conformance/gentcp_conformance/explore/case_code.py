"""A program as a case, to be put into `cases/`."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill, indent
from typing import TYPE_CHECKING

from .kind import Call
from .kinds import KINDS
from .program import OWN
from .python_code import literal

if TYPE_CHECKING:
    from .finding import Finding
    from .program import Program, Step

_HEAD = """\
@case(
    "explored/{id}",
    title="{title}",
    means=\"\"\"{means}\"\"\",
    source="{source}",
)
def explored_{name}(t: Subject) -> Term:
"""
_OPENINGS = {
    "connected": ("sock, peer", "pair"),
    "accepted": ("_, sock, peer", "accepted"),
    "listening": ("listener", "listen"),
}
_NAMES = {"s": "sock", "t": "server", "l": "listener", "p": "peer"}
_PEERS = {
    "peer_sends": "peer.send({0})",
    "peer_reads": "peer.drain(0.1)",
    "peer_drains": "peer.drain(0.3)",
    "peer_shuts": "peer.shutdown()",
    "peer_closes": "peer.close()",
    "peer_resets": "peer.reset()",
}
_SEEN = {"peer_reads", "peer_drains"}


class NoCase(ValueError):
    """A case cannot say this; tells why."""


def case_code(finding: Finding, pair: tuple[str, str]) -> str:
    """The code.  NoCase when there is no such stage in cases."""
    program = finding.program
    lines = list(_Writer(program).lines())
    used = sorted({f"{call.module}:{call.function}" for call in _calls(program)})
    title = f"{_what(program)}: {pair[0]} and {pair[1]} differ"
    slug = "-".join(dict.fromkeys(step.kind.replace("_", "-") for step in program.steps)) or program.opening
    head = _HEAD.format(
        id=f"{program.area}/{slug}", title=title, means=_means(finding, pair),
        source="; ".join(used) or "gen_tcp:connect/4", name=slug.replace("-", "_"),
    )  # fmt: skip
    return head + indent("\n".join(lines), "    ") + "\n"


def _calls(program: Program) -> list[Call]:
    kinds = [KINDS[step.kind].does for step in program.steps]
    return [kind for kind in kinds if isinstance(kind, Call)]


def _what(program: Program) -> str:
    kinds = [step.kind.replace("_", " ") for step in program.steps]
    return ", then ".join(kinds[-2:]) or program.opening


def _means(finding: Finding, pair: tuple[str, str]) -> str:
    """What happened, in a sentence."""
    _, left, right = finding.first
    steps = ", ".join(step.kind.replace("_", " ") for step in finding.program.steps) or "opening"
    text = (
        f"After {steps} on a socket that is {finding.program.opening}, {pair[0]} shows `{left}` and "
        f"{pair[1]} shows `{right}`."
    )
    return fill(text.replace("\\", "\\\\").replace('"""', "'''"), 112, subsequent_indent="    ", break_long_words=False)


class _Writer:
    def __init__(self, program: Program) -> None:
        if program.family != "inet" or program.rcvbuf or program.environment:
            raise NoCase("cases of this kind have a stage of their own: write it by hand from the Python program")
        self._program = program
        self._begun: list[str] = []

    def lines(self) -> Iterator[str]:
        """The body of the function."""
        yield self._opened()
        yield "seen: list[Term] = []"
        for step in self._program.steps:
            yield from self._step(step)
        yield from (f"seen.append({name}.outcome())" for name in self._begun)
        yield "return [*seen, t.messages()]"

    def _opened(self) -> str:
        program = self._program
        options = ", ".join(literal(option) for option in program.options)
        if program.opening == "both":
            other = ", ".join(literal(option) for option in program.other)
            return f"listener, sock, server = t.both([{other}], [{options}])"
        made, method = _OPENINGS[program.opening]
        if method == "pair" and not any(
            isinstance(option, tuple) and option[0] == "active" for option in program.options
        ):
            options = ", ".join(filter(None, (options, '("active", True)')))
        return f"{made} = t.{method}({options})"

    def _step(self, step: Step) -> Iterator[str]:
        kind = KINDS[step.kind].does
        if isinstance(kind, Call):
            yield from self._call(step, kind)
        elif step.kind in _PEERS:
            text = _PEERS[step.kind].format(*map(literal, step.args)).replace("peer.", f"{_name(step.on)}.")
            yield f"seen.append({text})" if step.kind in _SEEN else text
        elif step.kind == "peer_connects":
            yield f"{_name(step.to)} = t.raw_connect(t.port({_name(step.on)}))"
        elif step.kind in {"kill", "end"}:
            yield f"{_task(step.args[0])}.{step.kind}()"
        elif step.kind == "messages" and step.by == OWN:
            yield "seen.append(t.messages())"

    def _call(self, step: Step, kind: Call) -> Iterator[str]:
        if kind.wrapped:
            raise NoCase("files that are sent are made by hand in cases")
        if kind.of_process:
            yield from self._begin(step.args[0])
        args = [f"{_task(step.args[0])}.process"] if kind.of_process else [literal(argument) for argument in step.args]
        given = ", ".join([f"{kind.module}.{kind.function}", _name(step.on), *args])
        if step.to:
            yield f"{_name(step.to)} = ok({kind.module}.{kind.function}({', '.join([_name(step.on), *args])}))"
        elif step.by == OWN:
            yield f"seen.append(t.catch({given}))"
        elif _task(step.by) in self._begun:
            yield f"seen.append({_task(step.by)}.call(t.catch, {given}))"
        else:
            self._begun.append(_task(step.by))
            yield f"{_task(step.by)} = t.spawn(t.catch, {given})"

    def _begin(self, name: str) -> Iterator[str]:
        if _task(name) not in self._begun:
            self._begun.append(_task(name))
            yield f"{_task(name)} = t.spawn(t.messages)"


def _name(thing: str) -> str:
    return _NAMES.get(thing, thing)


def _task(name: str) -> str:
    return f"task_{name.lower()}"
