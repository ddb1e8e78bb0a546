"""The functions below gen_tcp on a port: those of prim_inet, inet_tcp and inet_db, and erlang's on ports.

gen_tcp looks up in which module the functions of a port are, and calls them; prim_inet asks the driver.  So a port that
is closed is `closed` up there, and `einval` down here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gentcp.abc import Result, Term, Time
from gentcp.errors import ErlangError
from gentcp.process import current_process
from gentcp.terms import Charlist

from ._port import Port, seconds
from ._states import CLOSED

_FAMILIES = {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}
_MODULES = {socket.AF_INET: "inet_tcp", socket.AF_INET6: "inet6_tcp", socket.AF_UNIX: "local_tcp"}
_EINVAL: Final = ("error", "einval")


class InetPort(Port):
    """The ports of the inet backend."""

    __slots__ = ()

    @property
    def module(self) -> Term:
        """The module that gen_tcp calls for it."""
        return _MODULES[self.sock.family]

    def register(self, module: str) -> None:
        """Another module is meant for it: not for one that gen_tcp has registered itself."""

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        """See `SocketHandle.primitive`."""
        found = _FUNCTIONS.get(f"{module}:{function}")
        if found is None:
            raise ErlangError("undef")
        return found(self, *arguments)


class BarePort(InetPort):
    """Accepted by prim_inet: to gen_tcp unknown until `inet_db:register_socket/2` says where its functions are."""

    __slots__ = ("registered",)

    registered: Term

    @property
    def module(self) -> Term:
        """See `InetPort.module`."""
        return getattr(self, "registered", "undefined")

    def register(self, module: str) -> None:
        self.registered = module

    def send(self, data: Term) -> Result:
        self._look_up()
        return super().send(data)

    def recv(self, length: Term, timeout: Time) -> Result:
        self._look_up()
        return super().recv(length, timeout)

    def unrecv(self, data: Term) -> Result:
        self._look_up()
        return super().unrecv(data)

    def shutdown(self, how: Term) -> Result:
        self._look_up()
        return super().shutdown(how)

    def accept(self, timeout: Time) -> Result:
        self._look_up()
        return super().accept(timeout)

    def _look_up(self) -> None:
        if self.state is not CLOSED and self.module not in _MODULES.values():
            raise ErlangError("undef")


InetPort.kind, InetPort.bare = InetPort, BarePort

# ---- prim_inet


def _open(port: Port, function: Callable[..., Result], *arguments: Term) -> Result:
    """What the driver says, which a closed port has lost."""
    return _EINVAL if port.state is CLOSED else function(port, *arguments)


def _guard(holds: bool) -> None:
    if not holds:
        raise ErlangError("function_clause")


def _send(port: Port, data: Term, options: Term = None) -> Result:
    given = [] if options is None else options
    _guard(isinstance(given, list))
    if port.state is CLOSED or any(option not in ("force", "nosuspend") for option in given):
        return _EINVAL
    if given:
        return port.send_with(data, nosuspend="nosuspend" in given, force="force" in given)
    return Port.send(port, data)


def _recv(port: Port, length: Term, time: Time = "infinity") -> Result:
    _guard(type(length) is int and length >= 0 and (time == "infinity" or type(time) is int))
    return _open(port, Port.recv, length, -1 if time == "infinity" or time < 0 else time)


def _unrecv(port: Port, data: Term) -> Result:
    return _open(port, Port.unrecv, data)


def _shutdown(port: Port, how: Term) -> Result:
    _guard(how in ("read", "write", "read_write"))
    return _open(port, Port.shutdown, how)


def _close(port: Port) -> Result:
    port.flush_and_close()
    return "ok"


def _accept(port: Port, *arguments: Term) -> Result:
    options: Term = []
    time: Term = "infinity"
    if len(arguments) == 2:
        time, options = arguments
    elif arguments:
        time, options = ("infinity", arguments[0]) if isinstance(arguments[0], list) else (arguments[0], [])
    _guard(isinstance(options, list) and (time == "infinity" or type(time) is int))
    if port.answer("accept") is not None:
        return _EINVAL
    return port.accept_as(port.bare, None if time == "infinity" or time < 0 else seconds(time))


def _setopts(port: Port, options: Term) -> Result:
    _guard(isinstance(options, list))
    return port.setopts(options)


def _setopt(port: Port, name: Term, value: Term) -> Result:
    return port.setopts([(name, value)])


def _getopts(port: Port, names: Term) -> Result:
    _guard(isinstance(names, list))
    return port.getopts(names)


def _getopt(port: Port, name: Term) -> Result:
    _guard(isinstance(name, str))
    match port.getopts([name]):
        case ("ok", [(_, value)]):
            return ("ok", value)
        case result:
            return result


def _getstat(port: Port, names: Term) -> Result:
    _guard(isinstance(names, list))
    return port.getstat(names)


def _peernames(port: Port, association: Term = "undefined") -> Result:
    return port.names("getpeername", association)


def _socknames(port: Port, association: Term = "undefined") -> Result:
    return port.names("getsockname", association)


def _setpeername(port: Port, name: Term) -> Result:
    return port.assume("getpeername", name)


def _setsockname(port: Port, name: Term) -> Result:
    return port.assume("getsockname", name)


def _gethostname(port: Port) -> Result:
    return _EINVAL if port.state is CLOSED else ("ok", Charlist.of(socket.gethostname()))


def _getfd(port: Port) -> Result:
    fd = port.fileno()
    return ("ok", fd) if fd >= 0 else _EINVAL


def _getindex(_port: Port) -> Result:
    return _EINVAL


def _gettype(port: Port) -> Result:
    return _open(port, lambda port: ("ok", (_FAMILIES.get(port.sock.family, "undefined"), "stream")))


def _getstatus(port: Port) -> Result:
    return _open(port, lambda port: ("ok", port.info()["states"]))


def _attach(port: Port) -> Result:
    try:
        port.connect_to(current_process())
    except ErlangError as error:
        return ("error", error.term)
    return "ok"


def _detach(_port: Port) -> Result:
    return "ok"


# ---- inet_tcp, inet_db


def _accept_registered(port: Port, time: Time = "infinity") -> Result:
    _guard(time == "infinity" or type(time) is int)
    if port.answer("accept") is not None:
        return _EINVAL
    return port.accept_as(port.kind, None if time == "infinity" or time < 0 else seconds(time))


def _register_socket(port: InetPort, module: Term) -> bool:
    _guard(isinstance(module, str))
    if port.state is CLOSED:
        return False
    port.register(module)
    return True


def _lookup_socket(port: InetPort) -> Result:
    return ("error", "closed") if port.state is CLOSED else ("ok", port.module)


def _unregister_socket(_port: Port) -> Result:
    return "ok"


# ---- erlang


def _port_command(port: Port, data: Term, options: Term = None) -> bool:
    given = [] if options is None else options
    if not isinstance(given, list) or any(option not in ("force", "nosuspend") for option in given):
        raise ErlangError("badarg")
    return port.command(data, nosuspend="nosuspend" in given, force="force" in given)


def _port_close(port: Port) -> bool:
    port.end()
    return True


def _port_connect(port: Port, process: Term) -> bool:
    port.connect_to(process)
    return True


# The driver sends terms, and the VM counts as input what comes as bytes.
_INFO: Mapping[str, Callable[[Port], Term]] = MappingProxyType({
    "name": lambda _: list(b"tcp_inet"),
    "links": lambda port: [port.owner],
    "id": id,
    "connected": lambda port: port.owner,
    "input": lambda _: 0,
    "output": lambda port: port.counted("send_oct"),
    "os_pid": lambda _: "undefined",
    "registered_name": lambda _: [],
    "queue_size": lambda port: port.pending(),
    "memory": lambda _: 0,
    "parallelism": lambda _: False,
    "monitors": Port.monitored_processes,
    "monitored_by": lambda port: list((port.monitors or {}).values()),
    "locking": lambda _: "port_level",
})  # fmt: skip
_SHOWN = ("name", "links", "id", "connected", "input", "output", "os_pid")


def _port_info(port: Port, item: Term = None) -> Term:
    if port.state is CLOSED:
        return "undefined"
    if item is None:
        return [(name, _INFO[name](port)) for name in _SHOWN]
    if not isinstance(item, str) or item not in _INFO:
        raise ErlangError("badarg")
    return [] if item == "registered_name" else (item, _INFO[item](port))


_FUNCTIONS: Mapping[str, Callable[..., Term]] = MappingProxyType({
    "prim_inet:async_recv": Port.async_recv,
    "prim_inet:async_accept": Port.async_accept,
    "prim_inet:accept": _accept,
    "prim_inet:send": _send,
    "prim_inet:recv": _recv,
    "prim_inet:unrecv": _unrecv,
    "prim_inet:shutdown": _shutdown,
    "prim_inet:close": _close,
    "prim_inet:setopts": _setopts,
    "prim_inet:setopt": _setopt,
    "prim_inet:getopts": _getopts,
    "prim_inet:getopt": _getopt,
    "prim_inet:chgopts": _setopts,
    "prim_inet:chgopt": _setopt,
    "prim_inet:getstat": _getstat,
    "prim_inet:peername": Port.peername,
    "prim_inet:peernames": _peernames,
    "prim_inet:setpeername": _setpeername,
    "prim_inet:sockname": Port.sockname,
    "prim_inet:socknames": _socknames,
    "prim_inet:setsockname": _setsockname,
    "prim_inet:gethostname": _gethostname,
    "prim_inet:getfd": _getfd,
    "prim_inet:getindex": _getindex,
    "prim_inet:gettype": _gettype,
    "prim_inet:getstatus": _getstatus,
    "prim_inet:attach": _attach,
    "prim_inet:detach": _detach,
    "inet_tcp:send": _send,
    "inet_tcp:recv": _recv,
    "inet_tcp:unrecv": _unrecv,
    "inet_tcp:shutdown": _shutdown,
    "inet_tcp:close": Port.close,
    "inet_tcp:controlling_process": Port.controlling_process,
    "inet_tcp:accept": _accept_registered,
    "inet_db:register_socket": _register_socket,
    "inet_db:lookup_socket": _lookup_socket,
    "inet_db:unregister_socket": _unregister_socket,
    "erlang:port_command": _port_command,
    "erlang:port_close": _port_close,
    "erlang:port_connect": _port_connect,
    "erlang:port_info": _port_info,
})  # fmt: skip
