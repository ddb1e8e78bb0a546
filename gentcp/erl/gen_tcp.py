"""`gen_tcp`: functions on TCP sockets.  Results are `"ok"`, `("ok", value)` or `("error", reason)`."""

from __future__ import annotations

from typing import Final

from gentcp._socket import Socket
from gentcp.abc import Result, Term, Time

from ._common import backend_and_options, check_sockaddr, handle_of, with_term

_NO_HOST = ()
_ANY_LENGTH = 0
_INFINITY: Final = "infinity"


def connect(address: Term, port: Term, options: Term = None, timeout: Time = None) -> Result:
    """`connect(Address, Port, Opts)`, `connect(Address, Port, Opts, Timeout)`.

    With a socket address in one map: `connect(SockAddr, Opts)`, `connect(SockAddr, Opts, Timeout)`.  Address: host
    name (str or charlist), IPv4 or IPv6 tuple, `("local", path)`.  Timeout in milliseconds.
    `("ok", socket)`; `("error", reason)`, such as econnrefused, timeout, nxdomain; exit badarg for options that do
    not exist.
    """
    if isinstance(address, dict) and timeout is None:
        timeout = "infinity" if options is None else options
        address = check_sockaddr(address)
        backend, rest = backend_and_options(port)
        return with_term(backend.connect(address, address["port"], rest, timeout))
    if isinstance(address, dict):
        address = _NO_HOST  # as it is with a port
    backend, rest = backend_and_options(options)
    return with_term(backend.connect(address, port, rest, "infinity" if timeout is None else timeout))


def listen(port: Term, options: Term) -> Result:
    """`listen(Port, Opts)`: `("ok", listener)`; port 0 takes a free one."""
    backend, rest = backend_and_options(options)
    return with_term(backend.listen(port, rest))


def accept(listener: Term, timeout: Time = "infinity") -> Result:
    """`accept(ListenSocket, Timeout)`: `("ok", socket)`, owned by the caller; closed, timeout, system_limit."""
    return with_term(handle_of(listener).accept(timeout))


def send(socket: Term, packet: Term) -> Result:
    """`send(Socket, Packet)`: "ok"; closed, timeout (inet), `("timeout", rest)` (socket).  Packet is iodata."""
    if socket.__class__ is Socket:
        return socket.handle.send(packet)
    return handle_of(socket).send(packet)


def recv(socket: Term, length: Term, timeout: Time = "infinity") -> Result:
    """`recv(Socket, Length, Timeout)`: `("ok", packet)`; Length 0 takes what is there, and must be 0 with a framing."""
    if socket.__class__ is Socket:
        ready = socket._ahead.ready
        if ready and length is _ANY_LENGTH and timeout is _INFINITY:
            try:
                return ("ok", ready.pop())
            except IndexError:
                pass  # another thread has it
        return socket.handle.recv(length, timeout)
    return handle_of(socket).recv(length, timeout)


def unrecv(socket: Term, data: Term) -> Result:
    """`unrecv(Socket, Data)`, undocumented in OTP: put data back in front."""
    return handle_of(socket).unrecv(data)


def shutdown(socket: Term, how: Term) -> Result:
    """`shutdown(Socket, How)`: How is "read", "write" or "read_write"."""
    return handle_of(socket).shutdown(how)


def close(socket: Term) -> Result:
    """`close(Socket)`: "ok"."""
    return handle_of(socket).close()


def controlling_process(socket: Term, process: Term) -> Result:
    """`controlling_process(Socket, Pid)`: the queued messages go along, in order; not_owner, closed, badarg."""
    return handle_of(socket).controlling_process(process)


def fdopen(fd: Term, options: Term) -> Result:
    """`fdopen(Fd, Opts)`, undocumented in OTP: a socket for a connected descriptor."""
    backend, rest = backend_and_options(options)
    return with_term(backend.fdopen(fd, rest))
