"""`inet`: options, names and counters of sockets; addresses, hosts and interfaces; the texts of errors."""

from __future__ import annotations

from gentcp._face import Face
from gentcp.abc import Result, Term, Time
from gentcp.errors import ErlangError
from gentcp.posix import INET_TEXTS, message
from gentcp.process import Ref, current_process
from gentcp.terms import Charlist

from . import _inet_ifget as _ifget
from . import _inet_interfaces as _interfaces
from . import _inet_names as _names
from . import _inet_parse as _parse
from . import _inet_table as _table
from ._common import handle_of, monitored
from ._primitives import primitive

_PRIM = "prim_inet"

# ---- options and counters


def setopts(socket: Term, options: Term) -> Result:
    """`setopts(Socket, Options)`: "ok" or `("error", "einval")`."""
    return handle_of(socket).setopts(options)


def getopts(socket: Term, names: Term) -> Result:
    """`getopts(Socket, Options)`: `("ok", [(name, value), ...])`; options this socket has not are left out."""
    return handle_of(socket).getopts(names)


def getstat(socket: Term, names: Term = None) -> Result:
    """`getstat(Socket)`, `getstat(Socket, Options)`: `("ok", [(name, number), ...])`."""
    return handle_of(socket).getstat(names)


def stats() -> list[str]:
    """`stats()`: what `getstat/1` counts, in its order."""
    return _table.counters()


def info(socket: Term) -> dict[str, Term]:
    """`info(Socket)`: what is known of the socket, as a map."""
    return handle_of(socket).info()


def i(protocol: Term = None, options: Term = None) -> str:
    """`i()`, `i(Protocol | Fields | show_ports)`, `i(Protocol, Fields | show_ports)`: print a table of all sockets."""
    return _table.show(protocol, options)


# ---- names


def sockname(socket: Term) -> Result:
    """`sockname(Socket)`: `("ok", (ip, port))` or `("ok", ("local", path))`."""
    return handle_of(socket).sockname()


def peername(socket: Term) -> Result:
    """`peername(Socket)`: as sockname, of the peer."""
    return handle_of(socket).peername()


def socknames(socket: Term, *association: Term) -> Result:
    """`socknames(Socket)`: `("ok", [name])`, what the system says; exbadport on `inet` after the connection's end.

    With an association, which is of SCTP, function_clause on `socket`.
    """
    handle = handle_of(socket)
    if handle.is_port or association:
        return primitive(_PRIM, "socknames", socket, *association)
    name = handle.sockname()
    return ("ok", [name[1]]) if name[0] == "ok" else name


def peernames(socket: Term, *association: Term) -> Result:
    """`peernames(Socket)`: as `socknames`, of the peer; function_clause on `socket`."""
    return primitive(_PRIM, "peernames", socket, *association)


def setsockname(socket: Term, name: Term) -> Result:
    """`setsockname(Socket, Name | undefined)`: what `sockname` says from now on, for proxies; undocumented in OTP.

    function_clause on `socket`.
    """
    return primitive(_PRIM, "setsockname", socket, _named(name))


def setpeername(socket: Term, name: Term) -> Result:
    """`setpeername(Socket, Name | undefined)`: what `peername` says from now on."""
    return primitive(_PRIM, "setpeername", socket, _named(name))


def _named(name: Term) -> Term:
    if name != "undefined" and not (isinstance(name, tuple) and len(name) == 2):
        raise ErlangError("function_clause")
    return name


def port(socket: Term) -> Result:
    """`port(Socket)`: `("ok", number)`."""
    return handle_of(socket).port()


def getfd(socket: Term) -> Result:
    """`getfd(Socket)`: `("ok", descriptor)`; function_clause on `socket`, whose option `fd` tells; undocumented."""
    return primitive(_PRIM, "getfd", socket)


# ---- the socket's end


def close(socket: Term) -> Result:
    """`close(Socket)`: "ok"."""
    return handle_of(socket).close()


def tcp_close(socket: Term) -> Result:
    """`tcp_close(Socket)`: `gen_tcp.close` of a port."""
    return primitive("inet_tcp", "close", socket)


def tcp_controlling_process(socket: Term, process: Term) -> Result:
    """`tcp_controlling_process(Socket, Pid)`: `gen_tcp.controlling_process` of a port."""
    return primitive("inet_tcp", "controlling_process", socket, process)


def send(socket: Term, data: Term) -> Result:
    """`send(Socket, Packet)`: `prim_inet.send`."""
    return primitive(_PRIM, "send", socket, data)


def getll(socket: Term) -> Result:
    """`getll(Socket)`: `("ok", socket)`, of a port."""
    if not (isinstance(socket, Face) and socket.handle.is_port):
        raise ErlangError("function_clause")
    return ("ok", socket)


def monitor(socket: Term) -> Ref:
    """`monitor(Socket)`: a reference; `("DOWN", ref, "port" | "socket", socket, reason)` comes when it closes."""
    try:
        handle = handle_of(socket)
    except ErlangError:
        raise ErlangError("badarg") from None
    ref = Ref()
    monitored[ref] = handle
    handle.monitor(ref, current_process())
    return ref


def cancel_monitor(ref: Term) -> bool:
    """`cancel_monitor(MRef)`: True when the monitor was there; a DOWN message that has come stays."""
    if not isinstance(ref, Ref):
        raise ErlangError("badarg")
    handle = monitored.get(ref)
    return handle is not None and handle.cancel_monitor(ref)


# ---- hosts and services


def getaddr(host: Term, family: Term, timeout: Time = "infinity") -> Result:
    """`getaddr(Host, Family)`: `("ok", ip)`, the first of `getaddrs`."""
    found = _names.getaddrs(host, family, timeout)
    return ("ok", found[1][0]) if found[0] == "ok" else found


def getaddrs(host: Term, family: Term, timeout: Time = "infinity") -> Result:
    """`getaddrs(Host, Family)`: `("ok", [ip, ...])`; nxdomain, einval, eafnosupport."""
    return _names.getaddrs(host, family, timeout)


def gethostbyname(name: Term, family: Term = "inet", timeout: Time = "infinity") -> Result:
    """`gethostbyname(Name)`, `gethostbyname(Name, Family)`: a hostent.

    That is `("hostent", name, aliases, family, length, ips)`.
    """
    return _names.gethostbyname(name, family, timeout)


def gethostbyaddr(address: Term, timeout: Time = "infinity") -> Result:
    """`gethostbyaddr(Address)`: as gethostbyname, for an address as tuple or string."""
    return _names.gethostbyaddr(address, timeout)


def gethostname(socket: Term = None) -> Result:
    """`gethostname()`: `("ok", name)` of this machine, without its domain; with a socket, as the system has it."""
    return ("ok", Charlist.of(_names.own_name())) if socket is None else _names.name_by(handle_of(socket))


def ip(host: Term) -> Result:
    """`ip(Host)`: `("ok", ip)` for an IPv4 address or a name; undocumented in OTP."""
    if _parse.is_ipv4(host):
        return ("ok", host)
    found = gethostbyname(host)
    return ("ok", found[1][5][0]) if found[0] == "ok" else found


def getservbyname(name: Term, protocol: Term) -> Result:
    """`getservbyname(Name, Protocol)`: `("ok", port)`; einval."""
    return _names.getservbyname(name, protocol)


def getservbyport(port: Term, protocol: Term) -> Result:
    """`getservbyport(Port, Protocol)`: `("ok", name)`; einval."""
    return _names.getservbyport(port, protocol)


def get_rc() -> list[Term]:
    """`get_rc()`: how names are looked up, as pairs: by the system."""
    return [("hosts_file", Charlist.of("/etc/hosts")), ("lookup", ["native"])]


# ---- interfaces


def getifaddrs(options: Term = None) -> Result:
    """`getifaddrs()`, `getifaddrs(Options | Socket)`: `("ok", [(name, [(key, value), ...]), ...])`.

    Options: `inet_backend`, first, and `netns`.
    """
    return _interfaces.getifaddrs([] if options is None else options)


def getif(options: Term = None) -> Result:
    """`getif()`, `getif(Options | Socket)`: `("ok", [(ip, broadcast | "undefined", netmask), ...])`, IPv4 alone."""
    return _interfaces.getif([] if options is None else options)


def getiflist(options: Term = None) -> Result:
    """`getiflist()`, `getiflist(Socket)`: `("ok", names)`, charlists of the interfaces with an address of IPv4."""
    return _ifget.getiflist([] if options is None else options)


def ifget(*arguments: Term) -> Result:
    """`ifget(Name, Wanted)`, `ifget(Socket, Name, Wanted)`: `("ok", [(what, value), ...])`, what it has not left out.

    Wanted are "addr", "broadaddr", "dstaddr", "netmask", "mtu", "flags" and "hwaddr"; einval for anything else.
    """
    if not 2 <= len(arguments) <= 3:
        raise ErlangError("undef")
    return _ifget.ifget(*arguments) if len(arguments) == 2 else _ifget.ifget_of(*arguments)


# ---- addresses


def parse_address(text: Term, family: Term = None) -> Result:
    """`parse_address(Text)`, `parse_address(Text, Family)`: `("ok", ip)` or einval; IPv4 in old notations, too."""
    if family is None:
        return _parse.either(_parse.parse_ipv4, text)
    return _parse.of_family(family, _parse.parse_ipv4, _parse.parse_ipv6)(text)


def parse_strict_address(text: Term, family: Term = None) -> Result:
    """`parse_strict_address(Text)`, `parse_strict_address(Text, Family)`: IPv4 as four decimal numbers only."""
    if family is None:
        return _parse.either(_parse.parse_ipv4_strict, text)
    return _parse.of_family(family, _parse.parse_ipv4_strict, _parse.parse_ipv6_strict)(text)


def parse_ipv4_address(text: Term) -> Result:
    """`parse_ipv4_address(Text)`: such as "127.0.0.1", "127.1", "0x7f.1" and "017700000001"."""
    return _parse.parse_ipv4(text)


def parse_ipv4strict_address(text: Term) -> Result:
    """`parse_ipv4strict_address(Text)`: four decimal numbers."""
    return _parse.parse_ipv4_strict(text)


def parse_ipv6_address(text: Term) -> Result:
    """`parse_ipv6_address(Text)`: an IPv4 address becomes the IPv6 address it is mapped to."""
    return _parse.parse_ipv6(text)


def parse_ipv6strict_address(text: Term) -> Result:
    """`parse_ipv6strict_address(Text)`: the scope of a link-local address, a number behind "%0", is its second word."""
    return _parse.parse_ipv6_strict(text)


def ntoa(ip: Term) -> Result:
    """`ntoa(Ip)`: a charlist, or `("error", "einval")`."""
    return _parse.ntoa(ip)


def is_ipv4_address(term: Term) -> bool:
    """`is_ipv4_address(Term)`."""
    return _parse.is_ipv4(term)


def is_ipv6_address(term: Term) -> bool:
    """`is_ipv6_address(Term)`."""
    return _parse.is_ipv6(term)


def is_ip_address(term: Term) -> bool:
    """`is_ip_address(Term)`."""
    return _parse.is_ipv4(term) or _parse.is_ipv6(term)


def translate_ip(ip: Term, family: Term) -> Term:
    """`translate_ip(IP, Family)`: the address that "any" and "loopback" stand for; anything else as it is."""
    return _parse.translated(ip, family)


def ipv4_mapped_ipv6_address(ip: Term) -> Term:
    """`ipv4_mapped_ipv6_address(Ip)`: IPv6 for IPv4 and back; function_clause for what is neither."""
    return _parse.remapped(ip)


# ---- errors


def format_error(reason: Term) -> Charlist:
    """`format_error(Reason)`: a text for people, as a charlist; badarg for what is no atom."""
    if not isinstance(reason, (str, bool)):
        raise ErlangError("badarg")
    atom = str(reason).lower() if isinstance(reason, bool) else reason
    return Charlist.of(INET_TEXTS.get(atom) or message(atom))
