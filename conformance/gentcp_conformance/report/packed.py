"""Code and diagrams, packed.

They are more than half of a page of all cases, and a tenth of that when packed; the page's script unpacks them when the
first case is opened.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


def pack(texts: Mapping[str, Mapping[str, str]]) -> str:
    """Texts by the id of a case and their kind, as text: base64 of a zlib stream of JSON."""
    return b64encode(zlib.compress(json.dumps(texts).encode(), 9)).decode()


def unpack(text: str) -> dict[str, dict[str, str]]:
    """What was packed."""
    return cast("dict[str, dict[str, str]]", json.loads(zlib.decompress(b64decode(text))))
