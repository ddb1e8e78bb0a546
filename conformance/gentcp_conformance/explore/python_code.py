"""A program as Python that runs as it is, on `gentcp.erl`: its argument is the name of the backend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..term import Term
from .kind import Call
from .kinds import KINDS
from .program import OWN, Zeros
from .running import label

if TYPE_CHECKING:
    from .program import Program, Step

_HELPERS = {
    "show": """def show(name, function, *args):  # what a call gives, or the exception of Erlang
    try:
        result = function(*args)
    except ErlangError as error:
        result = error
    print(f"{name}: {result!r:.200}", flush=True)
    return result
""",
    "process": """def process(name):  # makes the calls that it is sent
    def live():
        while (told := gentcp.receive(lambda message: isinstance(message, list))) != ["end"]:
            show(f"{name} {told[0]}", *told[1:])

    return gentcp.spawn(live)
""",
    "keep": """made = {}


def keep(name, function):  # what another process makes
    def call(*args):
        result = function(*args)
        made[name] = result[1] if isinstance(result, tuple) else result
        return result

    return call
""",
    "messages": """def messages():  # the mailbox, emptied
    found = []
    while True:
        try:
            found.append(gentcp.receive(timeout=0.05))
        except TimeoutError:
            return found
""",
    "read": """def read(peer, idle):  # all there is for the peer, and what ends it
    peer.settimeout(idle)
    data = b""
    try:
        while more := peer.recv(1 << 20):
            data += more
        return data, "closed"
    except TimeoutError:
        return data, "open"
    except OSError as error:
        return data, error
""",
    "reset": """def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
""",
    "zeros": """def zeros(size):  # a file
    with tempfile.NamedTemporaryFile(delete=False) as made:
        made.write(bytes(size))
    return made.name
""",
}  # fmt: skip
_MODULES = ("socket", "struct", "sys", "tempfile", "time")
_FACE = ("application", "erlang", "file", "gen_tcp", "inet", "prim_inet")
_HOSTS = {"inet": "(127, 0, 0, 1)", "inet6": "(0, 0, 0, 0, 0, 0, 0, 1)"}
_RAW_HOSTS = {"inet": '"127.0.0.1"', "inet6": '"::1"'}
_FAMILIES = {"inet": "AF_INET", "inet6": "AF_INET6", "local": "AF_UNIX"}
_LOCAL = r'b"\0gentcp-explored"'
_SHORT, _LONG = 0.02, 0.5


def python(program: Program, name: str, backends: tuple[str, str]) -> str:
    """The code."""
    body = "\n".join(_Writer(program).lines())
    helpers = list(_used(body))
    whole = "\n".join([*helpers, body])
    modules = [f"import {each}" for each in _MODULES if re.search(rf"\b{each}\.", whole) or each == "sys"]
    face = [each for each in _FACE if re.search(rf"\b{each}\.", whole)]
    imports = [*modules, "", "import gentcp" if "gentcp." in whole else "", _import(face, whole)]
    head = [f"# {name}: run it with {backends[0]} and with {backends[1]}", *filter(None, imports[:-1]), imports[-1]]
    return "\n".join([*head, "", "BACKEND = sys.argv[1]", "", "", *(f"{helper}\n" for helper in helpers), body]) + "\n"


def _import(face: list[str], whole: str) -> str:
    names = [*(["ErlangError"] if "ErlangError" in whole else []), *face]
    return f"from gentcp.erl import {', '.join(names)}"


def _used(body: str) -> Iterator[str]:
    called = body
    for name in reversed(_HELPERS):
        if re.search(rf"\b{name}\b[(,\])]", called):
            called += _HELPERS[name]
    return (text for text in _HELPERS.values() if text in called)


def literal(term: Term) -> str:
    """Python source of a term."""
    match term:
        case Zeros(size):
            return f"bytes({size})"
        case tuple():
            return f"({', '.join(map(literal, term))}{',' if len(term) == 1 else ''})"
        case list():
            return f"[{', '.join(map(literal, term))}]"
        case str():
            return f'"{term}"'
        case bytes() if len(term) > 40 and len(set(term)) == 1:
            return f"{literal(term[:1])} * {len(term)}"
        case bytes():
            text = repr(term)
            return text if '"' in text else f'b"{text[2:-1]}"'
        case _:
            return repr(term)


class _Writer:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._processes: list[str] = []
        self._peers: list[str] = []
        self._elsewhere = {step.to for step in program.steps if step.to and step.by != OWN}

    def lines(self) -> Iterator[str]:
        for key, options in self._program.environment:
            yield f'application.set_env("kernel", "inet_default_{key}_options", {literal(list(options))})'
        yield from getattr(self, f"_{self._program.opening}")()
        for step in self._program.steps:
            yield from self._step(step)
        yield from self._end()

    # what there is in the beginning

    def _connected(self) -> Iterator[str]:
        program = self._program
        local = program.family == "local"
        yield f"raw = socket.socket(socket.{_FAMILIES[program.family]})"
        if program.rcvbuf:
            yield f"raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, {program.rcvbuf})"
        yield f"raw.bind({_LOCAL if local else f'({_RAW_HOSTS[program.family]}, 0)'})"
        yield "raw.listen()"
        where = f'("local", {_LOCAL}), 0' if local else f"{_HOSTS[program.family]}, raw.getsockname()[1]"
        yield self._connect(where)
        yield from self._peer("p", "raw.accept()[0]")

    def _accepted(self) -> Iterator[str]:
        yield self._listen(self._program.options)
        yield from self._raw_connect("p", "l")
        yield "s = gen_tcp.accept(l, 5000)[1]"

    def _both(self) -> Iterator[str]:
        local = self._program.family == "local"
        yield self._listen(self._program.other)
        yield self._connect(f'("local", {_LOCAL}), 0' if local else f"{_HOSTS[self._program.family]}, inet.port(l)[1]")
        yield "t = gen_tcp.accept(l, 5000)[1]"

    def _listening(self) -> Iterator[str]:
        yield self._listen(self._program.options)

    def _options(self, *options: Term) -> str:
        family = () if self._program.family == "inet" else (self._program.family,)
        given = ['("inet_backend", BACKEND)', *map(literal, (*family, *options))]
        return f"[{', '.join(given)}]"

    def _listen(self, options: tuple[Term, ...]) -> str:
        local = self._program.family == "local"
        host = f'("local", {_LOCAL})' if local else _HOSTS[self._program.family]
        given = self._options(*options).replace("BACKEND)", f'BACKEND), ("ip", {host})', 1)
        return f'l = show("listen", gen_tcp.listen, 0, {given})[1]'

    def _connect(self, where: str) -> str:
        return f's = show("connect", gen_tcp.connect, {where}, {self._options(*self._program.options)})[1]'

    def _raw_connect(self, name: str, listener: str) -> Iterator[str]:
        if self._program.family == "local":
            yield from self._peer(name, "socket.socket(socket.AF_UNIX)")
            yield f"{name}.connect({_LOCAL})"
            return
        where = f"({_RAW_HOSTS[self._program.family]}, inet.port({listener})[1])"
        yield from self._peer(name, f"socket.create_connection({where})")

    def _peer(self, name: str, made: str) -> Iterator[str]:
        self._peers.append(name)
        yield f"{name} = {made}"

    # steps

    def _step(self, step: Step) -> Iterator[str]:
        kind = KINDS[step.kind].does
        if isinstance(kind, Call):
            yield from self._call(step, kind)
        elif step.kind == "peer_connects":
            yield from self._raw_connect(step.to, step.on)
            yield f"time.sleep({_SHORT})"
        elif step.kind.startswith("peer_") and step.on not in self._peers:
            return
        elif step.kind == "messages":
            yield from self._ask(step.by, 'show("messages", messages)', '["messages", messages]')
        elif step.kind in {"kill", "end"} and step.args[0] not in self._processes:
            return
        elif step.kind == "end":
            yield f'{step.args[0]}.post(["end"])'
        else:
            yield from self._deed(step, kind.python)

    def _deed(self, step: Step, code: str) -> Iterator[str]:
        name = step.args[0] if step.kind == "kill" else ""
        text = code.format(*(name or literal(argument) for argument in step.args), on=step.on)
        if step.kind in {"peer_reads", "peer_drains"}:
            yield f'print("{label(step)}:", {text})'
        else:
            yield text if text.startswith("time.") else f"{text}; time.sleep({_SHORT})"
        if step.kind in {"peer_closes", "peer_resets"}:
            self._peers.remove(step.on)

    def _call(self, step: Step, kind: Call) -> Iterator[str]:
        if kind.of_process:
            yield from self._begin(step.args[0])
        thing = f'made.get("{step.on}")' if step.on in self._elsewhere else step.on
        args = [step.args[0]] if kind.of_process else [literal(argument) for argument in step.args]
        if kind.python:
            called = "lambda: " + kind.python.format(*args, on=thing)
        else:
            function = f"{kind.module}.{kind.function}"
            function = f'keep("{step.to}", {function})' if step.to in self._elsewhere else function
            called = ", ".join([function, *map(literal, kind.before), thing, *args])
        bound = f"{step.to} = " if step.to and not step.by else ""
        unpacked = "[1]" if bound and step.kind in {"accept", "async_recv", "async_accept"} else ""
        own = f'{bound}show("{label(step)}", {called}){unpacked}'
        pause = _LONG if step.waits and "send" in step.kind else _SHORT
        yield from self._ask(step.by, own, f'["{step.kind}", {called}]', pause)

    def _ask(self, by: str, own: str, told: str, pause: float = _SHORT) -> Iterator[str]:
        if by == OWN:
            yield own
            return
        yield from self._begin(by)
        yield f"{by}.post({told}); time.sleep({pause})"

    def _begin(self, name: str) -> Iterator[str]:
        if name not in self._processes:
            self._processes.append(name)
            yield f'{name} = process("{name}")'

    def _end(self) -> Iterator[str]:
        yield 'time.sleep(0.2); show("end messages", messages)'
        for name in self._processes:
            yield f'{name}.post(["end messages", messages]); time.sleep(0.1)'
        for name in self._peers:
            yield f'print("end {name}:", read({name}, 0.15))'
        if self._processes:
            yield "time.sleep(0.3)"
