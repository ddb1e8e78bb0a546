"""Be a hidden node of a live Erlang system: `python node.py --node bob@127.0.0.1 --cookie secret erlang node`.

The handshake is packets with a length of two bytes, and everything after it packets with one of four: the same socket,
switched from `packet=2` to `packet=4`.  An empty packet is a tick; whoever sends nothing for `net_ticktime` is taken
for dead, so every tick is answered with one.  Connected, we ask the node's process `rex` to call a function, as a C
node does.  Protocol: "Distribution Protocol" and "External Term Format" in the manual of ERTS.
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
import struct
from typing import Any, NamedTuple

import gentcp

TIMEOUT = 10.0
EPMD_PORT_PLEASE2, EPMD_PORT2 = b"z", b"w"
SEND, REG_SEND = 2, 6
PASS_THROUGH = 112
FLAGS = sum(1 << bit for bit in (2, 4, 7, 8, 9, 10, 11, 16, 17, 18, 24, 25, 34))
"""What OTP 26 and later insist on, and what the terms below need; without bit 0 we are hidden."""


class Pid(NamedTuple):
    """A process, here or there."""

    node: str
    number: int
    serial: int
    creation: int


# ---- terms; as in gentcp.erl, str is an atom and bytes a binary


def encode(term: Any) -> bytes:
    """A term, without the version byte."""
    match term:
        case bool():
            return encode(str(term).lower())
        case int():
            return struct.pack(">Bi", 98, term)
        case str():
            name = term.encode()
            return struct.pack(">BB", 119, len(name)) + name
        case bytes():
            return struct.pack(">BI", 109, len(term)) + term
        case Pid(node, number, serial, creation):
            return b"X" + encode(node) + struct.pack(">III", number, serial, creation)
        case tuple():
            return struct.pack(">BB", 104, len(term)) + b"".join(map(encode, term))
        case list():
            elements = struct.pack(">BI", 108, len(term)) + b"".join(map(encode, term)) if term else b""
            return elements + b"j"
        case _:
            raise TypeError(f"no way to write {term!r}")


class Reader:
    """Reads terms from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, form: str) -> Any:
        """Fields as `struct` has them; one alone is not a tuple."""
        fields = struct.unpack_from(">" + form, self.data)
        self.data = self.data[struct.calcsize(">" + form) :]
        return fields[0] if len(fields) == 1 else fields

    def term(self) -> Any:
        """The next term."""
        match self.take("B"):
            case 131:  # the version byte, in front
                return self.term()
            case 97:
                return self.take("B")
            case 98:
                return self.take("i")
            case 110:
                size, sign = self.take("BB")
                return int.from_bytes(self.take(f"{size}s"), "little") * (1 - 2 * sign)
            case 70:
                return self.take("d")
            case 119 | 115 as tag:
                return self.take(f"{self.take('B')}s").decode("utf-8" if tag == 119 else "latin-1")
            case 118 | 100 as tag:
                return self.take(f"{self.take('H')}s").decode("utf-8" if tag == 118 else "latin-1")
            case 104:
                return tuple(self.term() for _ in range(self.take("B")))
            case 106:
                return []
            case 107:
                return list(self.take(f"{self.take('H')}s"))
            case 108:
                elements = [self.term() for _ in range(self.take("I"))]
                self.term()  # the tail
                return elements
            case 109:
                return self.take(f"{self.take('I')}s")
            case 116:
                return {self.term(): self.term() for _ in range(self.take("I"))}
            case 88:
                return Pid(self.term(), *self.take("III"))
            case tag:
                raise ValueError(f"no way to read a term with tag {tag}")


# ---- the connection


def port_of(node: str, epmd_port: int, backend: str) -> int:
    """Ask epmd where the node listens."""
    name, _, host = node.partition("@")
    with gentcp.connect(host, epmd_port, inet_backend=backend, packet=2, timeout=TIMEOUT) as epmd:
        epmd.send([EPMD_PORT_PLEASE2, name.encode()])
        epmd.setopts(packet="raw")  # the answer has no length
        answer, result = epmd.recv(2, timeout=TIMEOUT)
        if answer != EPMD_PORT2[0] or result:
            raise SystemExit(f"epmd does not know {name}")
        return int.from_bytes(epmd.recv(2, timeout=TIMEOUT), "big")


class Handshake:
    """Version 6 of it, from the side that connects."""

    def __init__(self, sock: gentcp.Socket, me: str, creation: int, cookie: str) -> None:
        self.sock = sock
        self.me = me
        self.creation = creation
        self.cookie = cookie

    def run(self) -> None:
        """Prove to each other that both know the cookie, without sending it."""
        name = self.me.encode()
        self.sock.send(struct.pack(">cQIH", b"N", FLAGS, self.creation, len(name)) + name)
        status = self.answer(b"s")
        if status not in (b"ok", b"ok_simultaneous"):
            raise SystemExit(f"the node does not want us: {status.decode()}")
        _, theirs = struct.unpack_from(">QI", self.answer(b"N"))
        ours = secrets.randbits(32)
        self.sock.send(struct.pack(">cI", b"r", ours) + self.digest(theirs))
        if self.answer(b"a") != self.digest(ours):
            raise SystemExit("the node has another cookie")

    def digest(self, challenge: int) -> bytes:
        """The answer to a challenge."""
        return hashlib.md5(f"{self.cookie}{challenge}".encode()).digest()

    def answer(self, tag: bytes) -> bytes:
        """The rest of the next packet, which must be of this kind."""
        try:
            packet = self.sock.recv(timeout=TIMEOUT)
        except gentcp.Closed:
            raise SystemExit("the node has closed the connection; is the cookie right?") from None
        if packet[:1] != tag:
            raise SystemExit(f"{tag!r} was expected: {packet!r}")
        return packet[1:]


class Node:
    """The live node, as its hidden neighbour sees it."""

    def __init__(self, node: str, epmd_port: int, me: str, cookie: str, backend: str) -> None:
        creation = secrets.randbelow(2**32 - 1) + 1
        host = node.partition("@")[2]
        self.pid = Pid(me, 1, 0, creation)
        self.sock = gentcp.connect(
            host, port_of(node, epmd_port, backend), inet_backend=backend, packet=2, timeout=TIMEOUT, nodelay=True
        )
        Handshake(self.sock, me, creation, cookie).run()
        self.sock.setopts(packet=4)
        self.ticks = 0

    def call(self, module: str, function: str, arguments: list[Any]) -> Any:
        """What the function returns there."""
        request = (self.pid, ("call", module, function, arguments, "user"))
        control = (REG_SEND, self.pid, "", "rex")
        self.sock.send([PASS_THROUGH, b"\x83", encode(control), b"\x83", encode(request)])
        while True:
            match self.message():
                case ("rex", result):
                    return result
                case _:
                    pass  # for somebody else

    def message(self) -> Any:
        """The next message to our only process; None for what is no message, such as a tick."""
        packet = self.sock.recv(timeout=TIMEOUT)
        if not packet:
            self.ticks += 1
            self.sock.send(b"")
            return None
        reader = Reader(packet[1:])
        control = reader.term()
        return reader.term() if control[0] == SEND else None


def argument(text: str) -> Any:
    """An integer, or else an atom."""
    return int(text) if text.lstrip("-").isdecimal() else text


def main() -> None:
    """Connect, call a function, answer ticks for a while, and call it again."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--node", required=True, metavar="NAME@HOST")
    parser.add_argument("--cookie", required=True)
    parser.add_argument("--epmd-port", type=int, default=4369)
    parser.add_argument("--name", default="gentcp@127.0.0.1", help="our name")
    parser.add_argument("--ticks", type=int, default=0, help="how many to wait for")
    parser.add_argument("function", nargs="+", metavar="MODULE FUNCTION ARGUMENT", help="arguments: integers or atoms")
    given = parser.parse_args()
    module, function, *arguments = map(argument, given.function)
    try:
        node = Node(given.node, given.epmd_port, given.name, given.cookie, given.backend)
        with node.sock:
            print(f"connected to {given.node}")
            print(node.call(module, function, arguments))
            while node.ticks < given.ticks:
                node.message()
            if given.ticks:
                print(f"answered {given.ticks} ticks")
                print(node.call(module, function, arguments))
    except gentcp.Error as error:
        raise SystemExit(f"{given.node}: {error}") from None


if __name__ == "__main__":
    main()
