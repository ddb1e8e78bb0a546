"""`prim_inet`: what gen_tcp is made of on the inet backend.

Undocumented in OTP, and used nevertheless: for `async_accept` and `async_recv`, whose results are messages, and to
spare a look-up.  These are functions on ports: sockets of other backends are refused as OTP refuses them, most often
with function_clause.
"""

from __future__ import annotations

from gentcp._face import Face
from gentcp._registry import get_backend
from gentcp.abc import Result, Term, Time
from gentcp.errors import ErlangError
from gentcp.options import valid

from . import inet
from ._common import with_term
from ._primitives import primitive

_MODULE = "prim_inet"


def open(protocol: Term, family: Term, kind: Term, *options: Term) -> Result:  # noqa: A001  the name in OTP
    """`open(Protocol, Family, Type)`, `open(Protocol, Family, Type, Options)`: `("ok", s)`, a port of its own.

    It has a socket of the system, and no connection; `gen_tcp` does not know it.  Only "tcp" and "mptcp", "stream":
    other protocols of the driver are eprotonosupport here.
    """
    return with_term(get_backend("inet").primitive(_MODULE, "open", protocol, family, kind, *options))


def bind(socket: Term, address: Term, port: Term) -> Result:
    """`bind(S, IP, Port)`: `("ok", port)`."""
    return primitive(_MODULE, "bind", socket, address, port)


def ignorefd(socket: Term, ignored: Term) -> Result:
    """`ignorefd(S, Bool)`: leave the descriptor to somebody else: "ok", or einval if it is so already.

    As long as it is ignored nothing is read for the owner, and a recv waits; what is sent is not held up.
    """
    return primitive(_MODULE, "ignorefd", socket, ignored)


def async_recv(socket: Term, length: Term, time: Term) -> Result:
    """`async_recv(S, Length, Time)`: `("ok", ref)`, then the message `("inet_async", s, ref, result)` for the caller.

    `result` is what recv gives; `time` in milliseconds, -1 for ever.  einval for a socket that is active, or no port;
    ealready while another recv waits.
    """
    return primitive(_MODULE, "async_recv", socket, length, time)


def async_accept(listener: Term, time: Term) -> Result:
    """`async_accept(L, Time)`: `("ok", ref)`, then the message `("inet_async", l, ref, result)` for the caller.

    The socket in `("ok", s)` is passive, and unknown to gen_tcp until `inet_db.register_socket`.
    """
    return primitive(_MODULE, "async_accept", listener, time)


def accept(listener: Term, *time_and_options: Term) -> Result:
    """`accept(L)`, `accept(L, Time | FamilyOpts)`, `accept(L, Time, FamilyOpts)`: a socket that is not registered."""
    return with_term(primitive(_MODULE, "accept", listener, *time_and_options))


def send(socket: Term, data: Term, *options: Term) -> Result:
    """`send(S, Data)`, `send(S, Data, Options)`.

    Options: "nosuspend" (`("error", "busy")` when the port is busy) and "force" (as if it were not).
    """
    return primitive(_MODULE, "send", socket, data, *options)


def recv(socket: Term, length: Term, *time: Time) -> Result:
    """`recv(S, Length)`, `recv(S, Length, Time)`."""
    return primitive(_MODULE, "recv", socket, length, *time)


def unrecv(socket: Term, data: Term) -> Result:
    """`unrecv(S, Data)`."""
    return primitive(_MODULE, "unrecv", socket, data)


def shutdown(socket: Term, how: Term) -> Result:
    """`shutdown(S, How)`."""
    return primitive(_MODULE, "shutdown", socket, how)


def close(socket: Term) -> Result:
    """`close(S)`: as gen_tcp's, but a `tcp_closed` in the mailbox stays."""
    return primitive(_MODULE, "close", socket)


def setopts(socket: Term, options: Term) -> Result:
    """`setopts(S, Options)`."""
    return primitive(_MODULE, "setopts", socket, options)


def setopt(socket: Term, name: Term, value: Term) -> Result:
    """`setopt(S, Name, Value)`."""
    return primitive(_MODULE, "setopt", socket, name, value)


def getopts(socket: Term, names: Term) -> Result:
    """`getopts(S, Names)`."""
    return primitive(_MODULE, "getopts", socket, names)


def getopt(socket: Term, name: Term) -> Result:
    """`getopt(S, Name)`: `("ok", value)`; `("ok", [])` for an option that this socket has not."""
    return primitive(_MODULE, "getopt", socket, name)


def chgopts(socket: Term, options: Term) -> Result:
    """`chgopts(S, Options)`: setopts, for anything but SCTP."""
    return primitive(_MODULE, "chgopts", socket, options)


def chgopt(socket: Term, name: Term, value: Term) -> Result:
    """`chgopt(S, Name, Value)`."""
    return primitive(_MODULE, "chgopt", socket, name, value)


def is_sockopt_val(name: Term, value: Term) -> bool:
    """`is_sockopt_val(Name, Value)`: whether setopts would take it."""
    return isinstance(name, str) and valid(name, value)


def getstat(socket: Term, names: Term) -> Result:
    """`getstat(S, Names)`."""
    return primitive(_MODULE, "getstat", socket, names)


def getfd(socket: Term) -> Result:
    """`getfd(S)`: `("ok", descriptor)`."""
    return primitive(_MODULE, "getfd", socket)


def getindex(socket: Term) -> Result:
    """`getindex(S)`: einval, since the driver has no such thing any more."""
    return primitive(_MODULE, "getindex", socket)


def gettype(socket: Term) -> Result:
    """`gettype(S)`: `("ok", ("inet" | "inet6" | "undefined", "stream"))`."""
    return primitive(_MODULE, "gettype", socket)


def getstatus(socket: Term) -> Result:
    """`getstatus(S)`: `("ok", flags)`, of "busy", "accepting", "listen", "connected", "open"."""
    return primitive(_MODULE, "getstatus", socket)


def peername(socket: Term) -> Result:
    """`peername(S)`."""
    return primitive(_MODULE, "peername", socket)


def peernames(socket: Term, *association: Term) -> Result:
    """`peernames(S)`: `("ok", [name])`."""
    return primitive(_MODULE, "peernames", socket, *association)


def sockname(socket: Term) -> Result:
    """`sockname(S)`."""
    return primitive(_MODULE, "sockname", socket)


def socknames(socket: Term, *association: Term) -> Result:
    """`socknames(S)`: `("ok", [name])`."""
    return primitive(_MODULE, "socknames", socket, *association)


def setpeername(socket: Term, name: Term) -> Result:
    """`setpeername(S, Name)`: what peername says from now on; "undefined": what the system says."""
    return primitive(_MODULE, "setpeername", socket, name)


def setsockname(socket: Term, name: Term) -> Result:
    """`setsockname(S, Name)`: what sockname says from now on; "undefined": what the system says."""
    return primitive(_MODULE, "setsockname", socket, name)


def gethostname(socket: Term) -> Result:
    """`gethostname(S)`: the name of this machine."""
    return primitive(_MODULE, "gethostname", socket)


def attach(socket: Term) -> Result:
    """`attach(S)`: the calling process becomes the owner."""
    return primitive(_MODULE, "attach", socket)


def detach(socket: Term) -> Result:
    """`detach(S)`: removes a link in OTP; nothing here."""
    return primitive(_MODULE, "detach", socket)


def getifaddrs(socket: Term) -> Result:
    """`getifaddrs(S)`: `inet.getifaddrs`, asked of a port."""
    _interfaces_of(socket)
    return inet.getifaddrs(socket)


def getiflist(socket: Term) -> Result:
    """`getiflist(S)`: `inet.getiflist`, asked of a port."""
    _interfaces_of(socket)
    return inet.getiflist(socket)


def ifget(socket: Term, name: Term, wanted: Term) -> Result:
    """`ifget(S, Name, Wanted)`: `inet.ifget`, asked of a port."""
    return inet.ifget(socket, name, wanted)


def _interfaces_of(socket: Term) -> None:
    if not (isinstance(socket, Face) and socket.handle.is_port):
        raise ErlangError("function_clause")
