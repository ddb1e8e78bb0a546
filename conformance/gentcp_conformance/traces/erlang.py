"""Erlang expressions for the steps of a case, and the helpers that they need in the shell."""

from __future__ import annotations

import re
from textwrap import indent
from typing import TYPE_CHECKING

from .events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .events import Point

# A name that occurs in the code, and what defines it; in this order, since some use others.
_HELPERS = {
    "Data": "Data = fun(N) -> binary:part(<< <<I:32>> || I <- lists:seq(1, N div 4 + 1) >>, 0, N) end.",
    "Spawn": """Self = self().
Spawn = fun(Job) ->  % a process that tells what its jobs give, and lives on
  spawn(fun() ->
    (fun Do(Fun) ->
       Self ! {done, self(), catch Fun()},
       receive {job, Next} -> Do(Next); stop -> ok end
     end)(Job)
  end)
end.""",
    "Look": "Look = fun(P, Ms) -> receive {done, P, Value} -> Value after Ms -> still_blocked end end.",
    "Flush": """Flush = fun More(N) ->  % the mailbox, once there are N messages
  receive M when element(1, M) =/= done -> [M | More(N - 1)]
  after if N > 0 -> 5000; true -> 80 end -> []
  end
end.""",
    "Drain": """Drain = fun Read(Sock, Ms, Size) ->  % all there is: {bytes, what then}
  case socket:recv(Sock, 0, Ms) of
    {ok, Bin} -> Read(Sock, Ms, Size + byte_size(Bin));
    {error, Why} -> {Size, Why}
  end
end.""",
}

_SHORT = 70
_MB = 1024 * 1024
_LARGE = 65536
_DATA = re.compile(r"\bData\((\d+)\)")
_NUMBER = re.compile(r"\d+(\.\d+)?")


def helpers(code: str, large: Sequence[str]) -> Iterator[str]:
    """Definitions of the helpers that the code uses."""
    used = "\n".join([*large, code])
    return (text for name, text in _HELPERS.items() if re.search(rf"\b{name}\(", used))


def hoisted(code: str) -> tuple[str, list[str]]:
    """Code with variables for large data, and what binds them: making it takes the shell longer than sending it."""
    large = {int(number) for number in _DATA.findall(code) if int(number) > _LARGE}
    names = {number: f"Data{number // _MB}MB" if number % _MB == 0 else f"Data{number}" for number in sorted(large)}
    for number, name in names.items():
        code = code.replace(f"Data({number})", name)
    return code, [f"{name} = Data({number})." for number, name in names.items()]


def call(point: Point) -> str:
    """A call, as often as it was made."""
    expression = f"{point.verb}({', '.join(point.args)})"
    return f"[{expression} || _ <- lists:seq(1, {point.count})]" if point.count > 1 else expression


def again(point: Point) -> str:
    """A call made as long as it is ok."""
    expression = f"{point.verb}({', '.join(point.args)})"
    return f"(fun Again() -> case {expression} of ok -> Again(); Other -> Other end end)()"


def milliseconds(args: Sequence[str], default: float) -> int:
    """The first argument that is a number of seconds, in milliseconds."""
    found = next((arg for arg in args if _NUMBER.fullmatch(arg)), None)
    return round(float(found if found is not None else default) * 1000)


def count(args: Sequence[str]) -> int:
    """The first argument, if it is a number."""
    return int(args[0]) if args and args[0].isdigit() else 0


def stage(point: Point) -> list[str]:
    """Expressions for what is no call of OTP."""
    match point.kind:
        case Kind.STAGE:
            return _stage(point)
        case Kind.PEER:
            return _peer(point)
        case Kind.END:
            return [f"exit(P{point.other}, kill)" if point.verb == "kill" else f"P{point.other} ! stop"]
        case _:
            return ["timer:sleep(200)"]


def why(point: Point) -> str:
    """What is waited for, where the code only sleeps."""
    match point.kind, point.verb:
        case Kind.UNTIL, what:
            return f"waits for {what}"
        case Kind.PEER, "wait_ended":
            return "wait ended"
        case _:
            return ""


def sequence(expressions: Sequence[str]) -> str:
    """Expressions one after the other, a line each."""
    return ",\n".join(expressions) or "ok"


def by_backend(inet: str, socket: str) -> str:
    """One body for each backend."""
    first, second = (indent(body, "    ") for body in (inet, socket))
    return f"case Backend of\n  inet ->\n{first};\n  socket ->\n{second}\nend"


def fun(body: str) -> str:
    """A fun without arguments, in one line if that is short."""
    return f"fun() -> {body} end" if "\n" not in body and len(body) < _SHORT else f"fun() ->\n{indent(body, '  ')}\nend"


def _stage(point: Point) -> list[str]:
    name, given = point.bound, _pairs(point.args)
    match point.verb:
        case "listen" if "path" in given:
            address = f"#{{family => local, path => {given['path']}}}"
            return [f"{{ok, {name}}} = socket:open(local, stream)", *_listening(name, address, given)]
        case "listen":
            address = "#{family => inet, addr => loopback, port => 0}"
            opened = f"{{ok, {name}}} = socket:open(inet, stream, tcp)"
            port = f"{{ok, #{{port := {point.result}}}}} = socket:sockname({name})"
            return [opened, *_buffer(name, given), *_listening(name, address, given), port]
        case "accept":
            return [f"{{ok, {name}}} = socket:accept({point.args[0]})"]
        case "connect":
            to = f"#{{family => inet, addr => loopback, port => {point.args[0]}}}"
            opened = f"{{ok, {name}}} = socket:open(inet, stream, tcp)"
            return [opened, *_buffer(name, given), f"ok = socket:connect({name}, {to})"]
        case "closed_port":
            free = "{ok, L0} = gen_tcp:listen(0, []), {ok, P0} = inet:port(L0), gen_tcp:close(L0), P0"
            return [f"{name} = begin {free} end"]
        case "path":
            return [f'{name} = "local-socket"']
        case _:
            return [f"socket:close({point.args[0]})"]


def _pairs(args: Sequence[str]) -> dict[str, str]:
    """Keyword arguments, {name,Value} each, by name."""
    found = (re.fullmatch(r"\{(\w+),(.*)\}", arg) for arg in args)
    return {match[1]: match[2] for match in found if match}


def _buffer(name: str, given: dict[str, str]) -> list[str]:
    return [f"ok = socket:setopt({name}, {{socket,rcvbuf}}, {given['rcvbuf']})"] if "rcvbuf" in given else []


def _listening(name: str, address: str, given: dict[str, str]) -> list[str]:
    backlog = f", {given['backlog']}" if "backlog" in given else ""
    return [f"ok = socket:bind({name}, {address})", f"ok = socket:listen({name}{backlog})"]


def _peer(point: Point) -> list[str]:
    peer, *args = point.args
    match point.verb:
        case "send" if point.count > 1:
            return [f"[socket:send({peer}, {args[0]}) || _ <- lists:seq(1, {point.count})]"]
        case "send":
            return [f"socket:send({peer}, {args[0]})"]
        case "send_bytewise":
            return [f"[socket:send({peer}, <<Byte>>) || <<Byte>> <= {args[0]}]"]
        case "recv":
            return [f"socket:recv({peer}, 0, {milliseconds(args, 0.3)})"]
        case "take" if not args[0].isdigit():
            return [f"Drain({peer}, 300, 0)"]
        case "recv_exact" | "take":
            return [f"socket:recv({peer}, {args[0]}, {milliseconds(args[1:], 5.0)})"]
        case "drain":
            return [f"Drain({peer}, {milliseconds(args, 0.3)}, 0)"]
        case "shutdown":
            return [f"socket:shutdown({peer}, {args[0] if args else 'write'})"]
        case "reset":
            return [f"socket:setopt({peer}, {{socket,linger}}, #{{onoff => true, linger => 0}}), socket:close({peer})"]
        case "close":
            return [f"socket:close({peer})"]
        case "pending":
            return [f"socket:ioctl({peer}, nread)"]
        case _:
            return ["timer:sleep(200)"]
