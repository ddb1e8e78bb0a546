"""Bytes that are exactly one packet are taken at once, and are what the buffer would have given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given

from gentcp.engine.counters import Counters
from gentcp.engine.inbound import NOTHING, FramingError, Inbound
from gentcp.engine.settings import Settings

from .test_batch import CHANGES, SMALL, Cutting
from .test_settings import VALUES


def by_the_buffer(data: bytes, settings: Settings) -> Any:
    """The packet that it gives, if nothing is left then; else None."""
    inbound = Inbound()
    inbound.feed(data)
    try:
        packet = (
            inbound.take(settings.family, settings.limits) if settings.family else inbound.take_available(len(data))
        )
    except FramingError:
        return None
    return None if packet is NOTHING or inbound.buf else packet


@given(data=SMALL, changes=CHANGES)
@example(data=b"abc", changes={"packet": "raw", "packet_size": 0})
@example(data=b"\3abc", changes={"packet": 1, "packet_size": 3})
@example(data=b"ab\n", changes={"packet": "line", "packet_size": 0})
def test_a_packet_is_the_one_that_the_buffer_gives(data: bytes, changes: dict[str, Any]) -> None:
    settings = Cutting(VALUES | changes)
    assert settings.take is not None
    counters = Counters()
    packet = settings.take(data, counters)
    whole = settings.family is None or changes["packet"] != "line" or data.endswith(settings.mark)
    expected = by_the_buffer(data, settings) if whole else None  # a piece of a line that is too long is no whole one
    assert packet == expected
    assert counters.oct == (len(data) if packet is not None else 0)


@pytest.mark.parametrize("changes", [{"mode": "list"}, {"header": 2}, {"packet": "http"}, {"packet": "asn1"}])
def test_what_is_changed_before_it_is_delivered_goes_through_the_buffer(changes: dict[str, Any]) -> None:
    assert Settings(VALUES | changes).take is None
