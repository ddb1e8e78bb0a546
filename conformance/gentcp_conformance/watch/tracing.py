"""Running a command with a tracer in each VM that it starts, and reading what the tracers wrote."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from gentcp_conformance.check import erlang
from gentcp_conformance.check.tree import Node

_FLAGS = "ERL_AFLAGS"
_SWITCH = "-kernel inet_backend socket"


@dataclass(frozen=True)
class Seen:
    """A call with its result, or a message, and how often it was seen.

    `name` is "gen_tcp:send/2", or empty for a message; `arguments` are those of the call; `value` is its result, the
    reason that it has `raised`, or the message.  `module` and `function` are its caller, or what the receiver began as.
    """

    name: str
    arguments: tuple[Node, ...]
    value: Node
    raised: str
    module: str
    function: str
    file: str
    line: int
    times: int

    @property
    def place(self) -> str:
        """For people."""
        if self.file:
            return f"{self.file}:{self.line}"
        return f"{self.module}:{self.function}" if self.module != "undefined" else "?"


@dataclass(frozen=True)
class Run:
    """What a command came to, and what was seen."""

    status: int
    seen: Sequence[Seen]


def watch(command: Sequence[str], folder: Path, *, switch: bool = False) -> Run:
    """Run a command; its VMs write into `folder`.  `switch`: with `inet_backend` socket.  Raises OSError."""
    with as_file(files("gentcp_conformance.watch") / "gentcp_watch.erl") as tracer:
        ran = subprocess.run(command, env={**os.environ, **_environment(tracer, folder, switch=switch)}, check=False)  # noqa: S603 - the user's own
    return Run(ran.returncode, tuple(_read(folder)))


def _environment(tracer: Path, folder: Path, *, switch: bool) -> Mapping[str, str]:
    """The flags of each VM: it compiles the tracer itself, since nobody knows of which release it is."""
    source, out = (str(path.absolute()).replace('"', '\\"') for path in (tracer, folder))
    start = (
        f'{{ok,M,B}}=compile:file("{source}",[binary]),{{module,M}}=code:load_binary(M,"gentcp_watch",B),'
        f'M:start("{out}/"++os:getpid()++".seen")'
    )
    flags = [os.environ.get(_FLAGS, ""), f"-eval '{start}'", _SWITCH if switch else ""]
    return {_FLAGS: " ".join(flag for flag in flags if flag)}


def _read(folder: Path) -> Iterator[Seen]:
    """All that was seen by any VM."""
    for path in sorted(folder.glob("*.seen")):
        lines = [_term(line) for line in path.read_text("utf-8").splitlines() if line.endswith(".")]
        times = Counter({number.text: 1 for kind, number, _ in map(_three, lines) if kind.text == "seen"})
        for kind, number, value in map(_three, lines):
            if kind.text == "count":
                times[number.text] = int(value.text)
        for kind, number, value in map(_three, lines):
            if kind.text == "seen":
                yield _seen(value, times[number.text])


def _term(line: str) -> Node:
    """What the tracer has left out is a variable: anything may have been there."""
    found = erlang.pattern(line.rstrip("."))
    for node in found:
        if node.kind == "atom" and node.text == "_":
            node.kind, node.text = "variable", "Any"
    return found


def _three(line: Node) -> tuple[Node, Node, Node]:
    kind, number, value = line.parts
    return kind, number, value


def _seen(what: Node, times: int) -> Seen:
    if what.parts[0].text == "message":
        _, message, place = what.parts
        return Seen("", (), message, "", *_place(place), times)
    _, module, name, arguments, how, place = what.parts
    raised = how.parts[1].text if how.parts[0].text == "raised" else ""
    called = f"{module.text}:{name.text}/{len(arguments.parts)}"
    return Seen(called, arguments.parts, how.parts[-1], raised, *_place(place), times)


def _place(place: Node) -> tuple[str, str, str, int]:
    module, function, arity, file, line = place.parts
    return (
        module.text,
        f"{function.text}/{arity.text}",
        file.text.strip('"') if file.kind == "string" else "",
        int(line.text),
    )
