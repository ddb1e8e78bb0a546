"""`decode_packet` with bytes from anywhere."""

from __future__ import annotations

from typing import Any

from gentcp.packet import RAW, decode_packet, decode_packets

from .programs import Given, Source, chosen

_FEASIBLE = 1 << 17
_NEWLINE = 10


def seed(given: Given, data: bytes) -> bytes:
    """The input that decodes `data`."""
    return chosen(given) + data


def run(program: bytes) -> None:
    """One of the documented results, which agrees with what comes for a little less or more data."""
    source = Source(program)
    given = source.given()
    options = {"packet_size": given.packet_size, "line_length": given.line_length, "line_delimiter": given.delimiter}
    data = source.rest()
    _check(given.kind, data, options)
    if not given.packet_size and not given.line_length and given.delimiter == _NEWLINE:
        assert decode_packet(given.kind, data) == decode_packet(given.kind, data, options)


def _check(kind: str | int, data: bytes, options: dict[str, int]) -> None:
    match decode_packet(kind, data, options):
        case ("ok", packet, rest):
            assert decode_packets(kind, data, options)[1][0] == packet
            used = len(data) - len(rest)
            assert used > 0
            assert data[used:] == rest
            assert _is_shaped(kind, packet)
            if kind not in RAW:  # a byte behind it completes a header, and says no more
                assert decode_packet(kind, data[: used + 1], options)[:2] == ("ok", packet)
        case ("more", "undefined"):
            pass
        case ("more", int(length)):
            assert length > len(data)
            if length < _FEASIBLE:
                assert decode_packet(kind, data.ljust(length, b"\0"), options)[0] == "ok"
        case result:
            assert result == ("error", "invalid"), result


def _is_shaped(kind: str | int, packet: Any) -> bool:
    """Binaries where there should be, and lists where they are asked for."""
    if kind in ("http", "httph"):
        return not _has(packet, bytes)
    if kind in ("http_bin", "httph_bin"):
        return not _has(packet, list)
    return isinstance(packet, tuple if kind == "ssl_tls" else bytes)


def _has(term: Any, wanted: type) -> bool:
    if isinstance(term, tuple):
        return any(_has(item, wanted) for item in term)
    return isinstance(term, wanted)
