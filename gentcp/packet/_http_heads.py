"""Whole heads of HTTP at once: what the families give line by line, for less."""

from __future__ import annotations

from typing import Any

from ._http_lines import header, start
from ._http_names import SPELLINGS


def whole_head(data: bytes, most: int, *, started: bool) -> tuple[list[Any], bytes] | None:
    r"""The packets of the head in front of `data`, http_eoh included, and the rest; `started`: of its headers alone.

    None for a head that is not all there, may have a line of more than `most` bytes (0: there is no limit), or is not
    plain: lines that end in \n alone, are continued or are errors.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if not end or head.count(b"\n") >= len(lines) or 0 < most < len(head) + len(end):
        return None
    packets: list[Any] = [] if started else [start(lines.pop(0))]
    for line in lines:
        name, _, value = line.partition(b": ")
        try:
            number, usual = SPELLINGS[name]
            if value >= b"!":  # begins with no blank
                packets.append(("http_header", number, usual, name, value))
                continue
        except KeyError:
            pass
        packet = header(line)
        if packet is None:  # also for a line that continues another one: no name has a blank in it
            return None
        packets.append(packet)
    packets.append("http_eoh")
    return (packets, rest) if packets[0] else None
