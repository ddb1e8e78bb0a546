"""Search an LDAP directory: `python ldap_search.py --base dc=example,dc=org --filter uid=alice cn mail`.

A message of LDAP is a value in BER: it begins with its tag and its length, so `packet="asn1"` finds its end, and `recv`
gives whole messages, however the network has cut them.  What is inside is our business: a few lines of BER here, as
much as the requests need.  Protocol: RFC 4511; BER: X.690.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import gentcp

TIMEOUT = 10.0
INTEGER, STRING, ENUMERATED, BOOLEAN, SEQUENCE = 0x02, 0x04, 0x0A, 0x01, 0x30
BIND, BIND_DONE, UNBIND, SEARCH, ENTRY, SEARCH_DONE = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65
SIMPLE, PRESENT, EQUAL = 0x80, 0x87, 0xA3
WHOLE_SUBTREE, NEVER_DEREFERENCE, SUCCESS = 2, 0, 0
Entry = tuple[str, dict[str, list[bytes]]]
"""The name of an entry and its attributes."""


def ber(tag: int, *parts: bytes) -> bytes:
    """A value: tag, length, contents."""
    contents = b"".join(parts)
    if len(contents) < 0x80:
        return bytes([tag, len(contents)]) + contents
    size = len(contents).to_bytes((len(contents).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + contents


def number(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER or ENUMERATED, not negative."""
    return ber(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def values(contents: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that stand one behind the other in `contents`, as tag and contents."""
    while contents:
        tag, size, start = contents[0], contents[1], 2
        if size >= 0x80:
            start += size & 0x7F
            size = int.from_bytes(contents[2:start], "big")
        yield tag, contents[start : start + size]
        contents = contents[start + size :]


class Ldap:
    """A connection to a server."""

    def __init__(self, sock: gentcp.Socket) -> None:
        self.sock = sock
        self.number = 0

    def request(self, operation: bytes) -> None:
        """Send an operation in a message with the next number."""
        self.number += 1
        self.sock.send(ber(SEQUENCE, number(self.number), operation))

    def answer(self) -> tuple[int, list[bytes]]:
        """The next message about our last request: which operation, and its components."""
        while True:
            [(_, message)] = values(self.sock.recv(timeout=TIMEOUT))
            (_, about), (tag, contents), *_ = values(message)
            if int.from_bytes(about, "big") == self.number:
                return tag, [component for _, component in values(contents)]

    def bind(self, name: str, password: str) -> None:
        """Say who we are; with empty strings, nobody."""
        self.request(ber(BIND, number(3), ber(STRING, name.encode()), ber(SIMPLE, password.encode())))
        check(*self.answer(), BIND_DONE)

    def search(self, base: str, wanted: str, attributes: list[str]) -> Iterator[Entry]:
        """The entries at and under `base` for which `attribute=value`, or `attribute=*`, is so."""
        attribute, _, value = wanted.partition("=")
        equal = ber(EQUAL, ber(STRING, attribute.encode()), ber(STRING, value.encode()))
        self.request(
            ber(
                SEARCH,
                ber(STRING, base.encode()),
                number(WHOLE_SUBTREE, ENUMERATED),
                number(NEVER_DEREFERENCE, ENUMERATED),
                number(0),  # no limit of entries
                number(0),  # nor of seconds
                ber(BOOLEAN, b"\0"),  # values too, not types alone
                ber(PRESENT, attribute.encode()) if value == "*" else equal,
                ber(SEQUENCE, *(ber(STRING, name.encode()) for name in attributes)),
            )
        )
        while True:
            tag, components = self.answer()
            if tag == ENTRY:
                yield entry(*components)
            elif tag == SEARCH_DONE:
                check(tag, components, SEARCH_DONE)
                return

    def unbind(self) -> None:
        """Say goodbye; there is no answer."""
        self.request(ber(UNBIND))


def entry(name: bytes, attributes: bytes) -> Entry:
    """The components of an entry in Python."""
    found: dict[str, list[bytes]] = {}
    for _, attribute in values(attributes):
        (_, kind), (_, some) = values(attribute)
        found[kind.decode()] = [value for _, value in values(some)]
    return name.decode(), found


def check(tag: int, components: list[bytes], wanted: int) -> None:
    """The end of the program unless this is success."""
    code, _, text, *_ = components
    if tag != wanted or code[0] != SUCCESS:
        raise SystemExit(f"ldap: result {code[0]} {text.decode()}")


def main() -> None:
    """Print the entries that are found."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=389)
    parser.add_argument("--user", default="", help="the distinguished name to bind with; default: nobody")
    parser.add_argument("--password", default="")
    parser.add_argument("--base", default="")
    parser.add_argument("--filter", default="objectClass=*", metavar="ATTRIBUTE=VALUE")
    parser.add_argument("attribute", nargs="*", help="what to print; default: all that the server likes to show")
    given = parser.parse_args()
    try:
        with gentcp.connect(
            given.host, given.port, inet_backend=given.backend, packet="asn1", timeout=TIMEOUT, send_timeout=TIMEOUT
        ) as sock:
            ldap = Ldap(sock)
            ldap.bind(given.user, given.password)
            for name, attributes in ldap.search(given.base, given.filter, given.attribute):
                print(f"dn: {name}")
                for kind, some in attributes.items():
                    for value in some:
                        print(f"{kind}: {value.decode(errors='replace')}")
            ldap.unbind()
    except gentcp.Error as error:
        raise SystemExit(f"ldap: {error}") from None


if __name__ == "__main__":
    main()
