"""A program as an escript: its argument is `inet` or `socket`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..term import Term, notation
from .kind import Call
from .kinds import KINDS
from .program import OWN, Zeros
from .running import label

if TYPE_CHECKING:
    from .program import Program, Step

_HELPERS = {
    "show": """show(Name, Fun) ->  % what a call gives
    Result = try Fun() catch Class:Reason -> {exception, Class, Reason} end,
    io:format("~ts: ~0tP~n", [Name, Result, 40]),
    Result.
""",
    "process": """process(Name) ->  % makes the calls that it is sent
    spawn(fun Live() ->
        receive
            {do, What, Fun} -> show(Name ++ " " ++ What, Fun), Live();
            stop -> ok
        end
    end).
""",
    "keep": """keep(Name, Fun) ->  % what another process makes
    Result = Fun(),
    persistent_term:put(Name, case Result of {_, Made} -> Made; Made -> Made end),
    Result.
""",
    "messages": """messages() ->  % the mailbox, emptied
    receive Message when element(1, Message) =/= do -> [Message | messages()] after 50 -> [] end.
""",
    "read": """read(Peer, Idle) -> read(Peer, Idle, <<>>).  % all there is for the peer, and what ends it

read(Peer, Idle, Data) ->
    case socket:recv(Peer, 0, Idle) of
        {ok, More} -> read(Peer, Idle, <<Data/binary, More/binary>>);
        {error, Why} -> {byte_size(Data), Data, Why}
    end.
""",
    "reset": """reset(Peer) ->
    socket:setopt(Peer, {socket, linger}, #{onoff => true, linger => 0}),
    socket:close(Peer).
""",
    "zeros": """zeros(Size) ->  % a file
    Name = "/tmp/zeros-" ++ integer_to_list(Size),
    ok = file:write_file(Name, <<0:(Size * 8)>>),
    Name.
""",
}
_HOSTS = {"inet": "{127,0,0,1}", "inet6": "{0,0,0,0,0,0,0,1}"}
_LOCAL = r'<<"\0gentcp-explored">>'
_LENGTH = {"peer_reads": 35, "peer_drains": 120}
_DEEDS = {
    "peer_sends": "socket:send({on}, {0})",
    "peer_reads": "read({on}, 35)",
    "peer_drains": "read({on}, 120)",
    "peer_shuts": "socket:shutdown({on}, write)",
    "peer_closes": "socket:close({on})",
    "peer_resets": "reset({on})",
    "kill": "exit({0}, kill)",
    "end": "{0} ! stop",
    "look": "timer:sleep(120)",
    "wait": "timer:sleep({0})",
}


def erlang(program: Program, name: str) -> str:
    """The code."""
    body = ",\n    ".join(_Writer(program).lines())
    whole = body
    for helper in reversed(_HELPERS):
        if re.search(rf"(?<!\w){helper}\(", whole):
            whole += _HELPERS[helper]
    helpers = [text for text in _HELPERS.values() if text in whole]
    head = f"#!/usr/bin/env escript\n%% {name}: its argument is inet or socket\nmain([Backend]) ->"
    return "\n".join([head, f"    {body}.\n", *helpers])


def literal(term: Term) -> str:
    """Erlang source of a term."""
    match term:
        case Zeros(size):
            return f"<<0:({size}*8)>>"
        case bytes() if len(term) > 40 and len(set(term)) == 1:
            return f"binary:copy({notation(term[:1])}, {len(term)})"
        case list() if term and not all(isinstance(item, int) for item in term):
            return f"[{', '.join(map(literal, term))}]"
        case tuple():
            return "{" + ", ".join(map(literal, term)) + "}"
        case _:
            return notation(term)


class _Writer:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._processes: list[str] = []
        self._peers: list[str] = []
        self._elsewhere = {step.to for step in program.steps if step.to and step.by != OWN}

    def lines(self) -> Iterator[str]:
        for key, options in self._program.environment:
            yield f"application:set_env(kernel, inet_default_{key}_options, {literal(list(options))})"
        yield from getattr(self, f"_{self._program.opening}")()
        for step in self._program.steps:
            yield from self._step(step)
        yield from self._end()

    # what there is in the beginning

    def _connected(self) -> Iterator[str]:
        local = self._program.family == "local"
        yield from self._open("Raw")
        yield f"ok = socket:bind(Raw, {self._address(0)})"
        yield "ok = socket:listen(Raw)"
        if not local:
            yield "{ok, #{port := Port}} = socket:sockname(Raw)"
        yield self._connect(local)
        yield from self._peer("p", "{ok, P} = socket:accept(Raw)")

    def _accepted(self) -> Iterator[str]:
        yield from self._listen(self._program.options)
        yield from self._raw_connect("p")
        yield "{ok, S} = gen_tcp:accept(L, 5000)"

    def _both(self) -> Iterator[str]:
        yield from self._listen(self._program.other)
        yield self._connect(self._program.family == "local")
        yield "{ok, T} = gen_tcp:accept(L, 5000)"

    def _listening(self) -> Iterator[str]:
        yield from self._listen(self._program.options)

    def _address(self, port: object) -> str:
        if self._program.family == "local":
            return f"#{{family => local, path => {_LOCAL}}}"
        return f"#{{family => {self._program.family}, addr => loopback, port => {port}}}"

    def _open(self, name: str) -> Iterator[str]:
        yield f"{{ok, {name}}} = socket:open({self._program.family}, stream)"
        if self._program.rcvbuf:
            yield f"ok = socket:setopt({name}, {{socket, rcvbuf}}, {self._program.rcvbuf})"

    def _options(self, *options: str) -> str:
        family = [] if self._program.family == "inet" else [self._program.family]
        return f"[{', '.join(['{inet_backend, list_to_atom(Backend)}', *family, *options])}]"

    def _listen(self, options: tuple[Term, ...]) -> Iterator[str]:
        local = self._program.family == "local"
        host = f"{{local, {_LOCAL}}}" if local else _HOSTS[self._program.family]
        given = self._options(f"{{ip, {host}}}", *map(literal, options))
        yield f'{{ok, L}} = show("listen", fun() -> gen_tcp:listen(0, {given}) end)'
        if not local:
            yield "{ok, Port} = inet:port(L)"

    def _connect(self, local: bool) -> str:
        where = f"{{local, {_LOCAL}}}, 0" if local else f"{_HOSTS[self._program.family]}, Port"
        given = self._options(*map(literal, self._program.options))
        return f'{{ok, S}} = show("connect", fun() -> gen_tcp:connect({where}, {given}) end)'

    def _raw_connect(self, name: str) -> Iterator[str]:
        yield from self._open(name.upper())
        yield from self._peer(name, f"ok = socket:connect({name.upper()}, {self._address('Port')})")

    def _peer(self, name: str, made: str) -> Iterator[str]:
        self._peers.append(name)
        yield made

    # steps

    def _step(self, step: Step) -> Iterator[str]:
        kind = KINDS[step.kind].does
        if isinstance(kind, Call):
            yield from self._call(step, kind)
        elif step.kind == "peer_connects":
            yield from self._raw_connect(step.to)
            yield "timer:sleep(20)"
        elif step.kind.startswith("peer_") and step.on not in self._peers:
            return
        elif step.kind == "messages":
            yield from self._ask(step, "messages()")
        elif step.kind in {"kill", "end"} and step.args[0] not in self._processes:
            return
        else:
            yield from self._deed(step)

    def _deed(self, step: Step) -> Iterator[str]:
        args = [step.args[0] + "_"] if step.kind in {"kill", "end"} else [literal(argument) for argument in step.args]
        text = _DEEDS[step.kind].format(*args, on=step.on.upper())
        if step.kind in _LENGTH:
            yield f'show("{label(step)}", fun() -> {text} end)'
        else:
            yield text if text.startswith("timer:") else f"{text}, timer:sleep(20)"
        if step.kind in {"peer_closes", "peer_resets"}:
            self._peers.remove(step.on)

    def _call(self, step: Step, kind: Call) -> Iterator[str]:
        if kind.of_process:
            yield from self._begin(step.args[0])
        thing = f"persistent_term:get({step.on})" if step.on in self._elsewhere else step.on.upper()
        args = [step.args[0] + "_"] if kind.of_process else [literal(argument) for argument in step.args]
        if kind.erlang:
            called = kind.erlang.format(*args, on=thing)
        else:
            given = ", ".join([*map(literal, kind.before), thing, *args])
            called = f"{kind.module}:{kind.function}({given})"
        if step.to in self._elsewhere:
            called = f"keep({step.to}, fun() -> {called} end)"
        yield from self._ask(step, called)

    def _ask(self, step: Step, called: str) -> Iterator[str]:
        if step.by == OWN:
            bound = step.to.upper()
            pattern = f"{{_, {bound}}} = " if step.kind != "monitor" else f"{bound} = "
            yield f'{pattern if bound else ""}show("{label(step)}", fun() -> {called} end)'
            return
        yield from self._begin(step.by)
        pause = 500 if step.waits and "send" in step.kind else 20
        yield f'{step.by}_ ! {{do, "{step.kind}", fun() -> {called} end}}, timer:sleep({pause})'

    def _begin(self, name: str) -> Iterator[str]:
        if name not in self._processes:
            self._processes.append(name)
            yield f'{name}_ = process("{name}")'

    def _end(self) -> Iterator[str]:
        yield "timer:sleep(200)"
        yield 'show("end messages", fun() -> messages() end)'
        for name in self._processes:
            yield f'{name}_ ! {{do, "end messages", fun() -> messages() end}}, timer:sleep(100)'
        for name in self._peers:
            yield f'show("end {name}", fun() -> read({name.upper()}, 150) end)'
        if self._processes:
            yield "timer:sleep(300)"
