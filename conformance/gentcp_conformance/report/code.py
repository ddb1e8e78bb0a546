"""What a case looks like as code.

Cases share helpers, and a page that repeated them would be a tenth longer: each helper stands there once, and the
page's script puts it behind the code of a case when that is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

# What stands between a function and those that it uses, in `Case.code`.
BETWEEN = "\n\n\n"

_NAME = re.compile(r"def (\w+)")


@dataclass(frozen=True)
class Helper:
    """A function that cases use; `id` is that of its place in the page."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class Code:
    """One case: its function and the helpers behind it, as Erlang, and as a picture of what happened."""

    python: str
    helpers: Sequence[Helper]
    erlang: str | None
    diagram: Markup | None


@dataclass
class Helpers:
    """All helpers met so far, in order."""

    _found: dict[str, Helper] = field(default_factory=dict[str, Helper])

    def __iter__(self) -> Iterator[Helper]:
        return iter(self._found.values())

    def split(self, code: str) -> tuple[str, list[Helper]]:
        """The function of a case, and the helpers that it uses."""
        function, *others = code.split(BETWEEN)
        return function, [self._helper(text) for text in others]

    def _helper(self, text: str) -> Helper:
        name = _NAME.search(text)
        new = Helper(f"helper-{len(self._found) + 1}", name[1] if name else "helper", text)
        return self._found.setdefault(text, new)
