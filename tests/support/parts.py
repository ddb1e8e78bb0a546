"""Parts of the engine that tests of something else, or of several at once, take by name."""

from __future__ import annotations

from typing import Any

from gentcp.engine import WRITE as WRITE
from gentcp.engine.inbound import NOTHING as NOTHING
from gentcp.engine.inbound import FramingError as FramingError
from gentcp.engine.inbound import Inbound as Inbound

from .seams import found

SendQueue: Any = found("the send queue", "inet")
"""What `inet` keeps of what the system did not take."""
rest_of: Any = found("the rest of a send", "socket")
"""What `socket` gives back of it."""
