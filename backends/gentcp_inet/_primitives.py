"""The functions below gen_tcp on a port: those of prim_inet, inet_tcp and inet_db, and erlang's on ports.

gen_tcp looks up in which module the functions of a port are, and calls them; prim_inet asks the driver.  So a port that
is closed is `closed` up there, and `einval` down here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gentcp.abc import Result, Term, Time
from gentcp.engine import Operation, Steps, bind_name, line_up_receiver, translate_ip
from gentcp.errors import ErlangError, reason_of
from gentcp.process import Process, current_process
from gentcp.terms import Charlist, is_int

from . import _accepting, _async, _commands, _info, _names, _registering
from ._arguments import recv_numbers
from ._input import push_back
from ._shutting import flush_and_close, shutdown
from ._states import CLOSED, CONNECTED

if TYPE_CHECKING:
    from ._port import InetPort

_FAMILIES = {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}
_EINVAL: Final = ("error", "einval")


def call(port: InetPort, process: Process, module: str, function: str, arguments: tuple[Term, ...]) -> Steps:
    """See `SocketHandle.primitive`; `process` calls."""
    name = f"{module}:{function}"
    found = _FUNCTIONS.get(name)
    if found is not None:
        return found(port, *arguments)
    waiting = _WAITING.get(name)
    if waiting is None:
        raise ErlangError("undef")
    result = waiting(port, process, *arguments)
    if isinstance(result, Operation):
        yield result
        return result.result
    return (yield from result) if isinstance(result, Generator) else result


# ---- prim_inet


def _open(port: InetPort, function: Callable[..., Result], *arguments: Term) -> Result:
    """What the driver says, which a closed port has lost when its queue is written."""
    return _EINVAL if port.gone else function(port, *arguments)


def _wait(time: Time) -> float | None:
    """Seconds; None for ever."""
    return None if time == "infinity" or time < 0 else (time & 0xFFFFFFFF) / 1000


def _guard(holds: bool) -> None:
    if not holds:
        raise ErlangError("function_clause")


def _send(port: InetPort, process: Process, data: Term, options: Term = None) -> Result | Operation:
    given = [] if options is None else options
    _guard(isinstance(given, list))
    if port.state is CLOSED or any(option not in ("force", "nosuspend") for option in given):
        return _EINVAL
    return _commands.send_with(port, process, data, nosuspend="nosuspend" in given, force="force" in given)


def _recv(port: InetPort, process: Process, length: Term, time: Time = "infinity") -> Result | Operation:
    _guard(is_int(length) and length >= 0 and (time == "infinity" or is_int(time)))
    if port.state is CLOSED:
        return _EINVAL
    numbers: Any = recv_numbers(port, length, -1 if time == "infinity" or time < 0 else time)
    with port.lock:
        return line_up_receiver(port, process, *numbers)


def _unrecv(port: InetPort, data: Term) -> Result:
    return _open(port, push_back, data)


def _shutdown(port: InetPort, process: Process, how: Term) -> Result | Steps:
    _guard(how in ("read", "write", "read_write"))
    return _EINVAL if port.state is CLOSED else shutdown(port, process, how)


def _accept(port: InetPort, process: Process, *arguments: Term) -> Result | Operation:
    options: Term = []
    time: Term = "infinity"
    if len(arguments) == 2:
        time, options = arguments
    elif arguments:
        time, options = ("infinity", arguments[0]) if isinstance(arguments[0], list) else (arguments[0], [])
    _guard(isinstance(options, list) and (time == "infinity" or is_int(time)))
    if port.answer("accept") is not None:
        return _EINVAL
    return _accepting.accept(port, process, _wait(time), bare=True)


def _setopts(port: InetPort, options: Term) -> Result:
    _guard(isinstance(options, list))
    return port.setopts(options)


def _setopt(port: InetPort, name: Term, value: Term) -> Result:
    return port.setopts([(name, value)])


def _getopts(port: InetPort, names: Term) -> Result:
    _guard(isinstance(names, list))
    return port.getopts(names)


def _getopt(port: InetPort, name: Term) -> Result:
    _guard(isinstance(name, str))
    match port.getopts([name]):
        case ("ok", [(_, value)]):
            return ("ok", value)
        case result:
            return result


def _getstat(port: InetPort, names: Term) -> Result:
    _guard(isinstance(names, list))
    return port.getstat(names)


def _peernames(port: InetPort, association: Term = "undefined") -> Result:
    return _names.names(port, "getpeername", association)


def _socknames(port: InetPort, association: Term = "undefined") -> Result:
    return _names.names(port, "getsockname", association)


def _setpeername(port: InetPort, name: Term) -> Result:
    return _names.assume(port, "getpeername", name)


def _setsockname(port: InetPort, name: Term) -> Result:
    return _names.assume(port, "getsockname", name)


def _gethostname(port: InetPort) -> Result:
    return _EINVAL if port.gone else ("ok", Charlist.of(socket.gethostname()))


def _getfd(port: InetPort) -> Result:
    fd = port.fileno()
    return ("ok", fd) if fd >= 0 else _EINVAL


def _getindex(_port: InetPort) -> Result:
    return _EINVAL


def _gettype(port: InetPort) -> Result:
    return _open(port, lambda port: ("ok", (_FAMILIES.get(port.sock.family, "undefined"), "stream")))


def _getstatus(port: InetPort) -> Result:
    return _open(port, lambda port: ("ok", _info.state_names(port)))


def _attach(port: InetPort) -> Result:
    try:
        _commands.connect_to(port, current_process())
    except ErlangError as error:
        return ("error", error.term)
    return "ok"


def _detach(_port: InetPort) -> Result:
    return "ok"


def _bind(port: InetPort, address: Term, number: Term) -> Result:
    if port.state is CLOSED:
        return _EINVAL
    try:
        port.sock.bind(bind_name(translate_ip(address, port.sock.family), number, port.sock.family))
    except ValueError:
        return _EINVAL
    except OSError as error:
        return ("error", reason_of(error))
    name: Any = port.sock.getsockname()
    return ("ok", name[1] if isinstance(name, tuple) else 0)


def _ignorefd(port: InetPort, ignored: Term) -> Result:
    with port.lock:
        if port.state is not CONNECTED:
            return _EINVAL if port.state is CLOSED else ("error", "enotconn")
        if (ignored is True) == port.ignored:
            return _EINVAL
        port.ignored = ignored is True
        port.flows = not port.ignored and _registering.is_known(port)
        if port.ignored:
            port.disarm()
        elif port.active is not False:
            port.start_active()
        elif port.receiver is not None:
            port.receiver.look()
    return "ok"


# ---- inet_tcp, inet_db


def _accept_registered(port: InetPort, process: Process, time: Time = "infinity") -> Result | Operation:
    _guard(time == "infinity" or is_int(time))
    if port.answer("accept") is not None:
        return _EINVAL
    return _accepting.accept(port, process, _wait(time))


def _register_socket(port: InetPort, module: Term) -> bool:
    _guard(isinstance(module, str))
    if port.state is CLOSED:
        return False
    _registering.register(port, module)
    return True


def _lookup_socket(port: InetPort) -> Result:
    return ("error", "closed") if port.state is CLOSED else ("ok", _registering.module_of(port))


def _unregister_socket(_port: InetPort) -> Result:
    return "ok"


# ---- erlang


def _port_command(port: InetPort, process: Process, data: Term, options: Term = None) -> Steps:
    given = [] if options is None else options
    if not isinstance(given, list) or any(option not in ("force", "nosuspend") for option in given):
        raise ErlangError("badarg")
    return _commands.command(port, process, data, nosuspend="nosuspend" in given, force="force" in given)


def _port_close(port: InetPort) -> bool:
    _commands.end(port)
    return True


def _port_connect(port: InetPort, process: Term) -> bool:
    _commands.connect_to(port, process)
    return True


# The driver sends terms, and the VM counts as input what comes as bytes.
_INFO: Mapping[str, Callable[[InetPort], Term]] = MappingProxyType({
    "name": lambda _: list(b"tcp_inet"),
    "links": _info.links,
    "id": id,
    "connected": lambda port: port.owner.seen_as,
    "input": lambda _: 0,
    "output": lambda port: _info.counted(port, "send_oct"),
    "os_pid": lambda _: "undefined",
    "registered_name": lambda _: [],
    "queue_size": lambda port: port.pending(),
    "memory": lambda _: 0,
    "parallelism": lambda _: False,
    "monitors": _info.monitored_processes,
    "monitored_by": lambda port: [watcher.seen_as for watcher in (port.monitors or {}).values()],
    "locking": lambda _: "port_level",
})  # fmt: skip
_SHOWN = ("name", "links", "id", "connected", "input", "output", "os_pid")


def _port_info(port: InetPort, item: Term = None) -> Term:
    if port.gone:
        return "undefined"
    if item is None:
        return [(name, _INFO[name](port)) for name in _SHOWN]
    if not isinstance(item, str) or item not in _INFO:
        raise ErlangError("badarg")
    return [] if item == "registered_name" else (item, _INFO[item](port))


_FUNCTIONS: Mapping[str, Callable[..., Term]] = MappingProxyType({
    "prim_inet:async_recv": _async.async_recv,
    "prim_inet:async_accept": _async.async_accept,
    "prim_inet:unrecv": _unrecv,
    "prim_inet:setopts": _setopts,
    "prim_inet:setopt": _setopt,
    "prim_inet:getopts": _getopts,
    "prim_inet:getopt": _getopt,
    "prim_inet:chgopts": _setopts,
    "prim_inet:chgopt": _setopt,
    "prim_inet:getstat": _getstat,
    "prim_inet:peername": lambda port: port.peername(),
    "prim_inet:peernames": _peernames,
    "prim_inet:setpeername": _setpeername,
    "prim_inet:sockname": lambda port: port.sockname(),
    "prim_inet:socknames": _socknames,
    "prim_inet:setsockname": _setsockname,
    "prim_inet:gethostname": _gethostname,
    "prim_inet:getfd": _getfd,
    "prim_inet:getindex": _getindex,
    "prim_inet:gettype": _gettype,
    "prim_inet:getstatus": _getstatus,
    "prim_inet:bind": _bind,
    "prim_inet:ignorefd": _ignorefd,
    "prim_inet:attach": _attach,
    "prim_inet:detach": _detach,
    "inet_tcp:unrecv": _unrecv,
    "inet_tcp:controlling_process": lambda port, process: port.controlling_process(process),
    "inet_db:register_socket": _register_socket,
    "inet_db:lookup_socket": _lookup_socket,
    "inet_db:unregister_socket": _unregister_socket,
    "erlang:port_close": _port_close,
    "erlang:port_connect": _port_connect,
    "erlang:port_info": _port_info,
})  # fmt: skip
_WAITING: Mapping[str, Callable[..., Term]] = MappingProxyType({
    "prim_inet:accept": _accept,
    "prim_inet:send": _send,
    "prim_inet:recv": _recv,
    "prim_inet:shutdown": _shutdown,
    "prim_inet:close": flush_and_close,
    "inet_tcp:send": _send,
    "inet_tcp:recv": _recv,
    "inet_tcp:shutdown": _shutdown,
    "inet_tcp:accept": _accept_registered,
    "erlang:port_command": _port_command,
    "inet_tcp:close": lambda port, process: port.close_steps(process),
})  # fmt: skip
"""Those that may wait: they are given the process that calls, and give the result, an operation, or steps."""
