"""What a report shows of the traces that come with the kit."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from gentcp_conformance.matrix import RELEASE

from . import elixir, store
from .diagram import diagram, told
from .events import Trace, Traces
from .transcript import transcript

# The areas in which it matters what is where, and when.
PICTURED = ("send", "close-shutdown", "active")


class Views:
    """Pictures and code by case."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    def diagram(self, case_id: str, /) -> str | None:
        """Sequence diagrams of both backends, inline SVG in a box; None where there is no trace, or no use.

        The page has to have `report/templates/diagram.css`.
        """
        pair = self._pair(case_id)
        if pair is None or case_id.partition("/")[0] not in PICTURED:
            return None
        return diagram(*pair)

    def steps(self, case_id: str, /) -> list[tuple[str, str, bool]]:
        """The same in words: what happens on inet, on socket, and whether they differ there first."""
        pair = self._pair(case_id)
        return told(*pair) if pair and case_id.partition("/")[0] in PICTURED else []

    def erlang(self, case_id: str, /) -> str | None:
        """The case as code for Erlang's shell; None where there is no trace."""
        pair = self._pair(case_id)
        return transcript(*pair, self._traces.about.get("release", RELEASE)) if pair else None

    def elixir(self, case_id: str, /) -> str | None:
        """The same for iex; None where there is no trace, or the grammars of the extra `check` are not there."""
        erlang = self.erlang(case_id)
        if erlang is None or find_spec("tree_sitter_language_pack") is None:
            return None
        return elixir.translated(erlang)

    def _pair(self, case_id: str) -> tuple[Trace, Trace] | None:
        found = [self._traces.traces.get((case_id, subject)) for subject in ("inet", "socket")]
        left, right = found
        return (left, right) if left and right else None


def traces_of(case: str, release: str = RELEASE) -> Views:
    """The traces of one case."""
    return Views(store.recorded_of(release, case))


@cache
def load_traces(release: str = RELEASE) -> Views:
    """The traces of a release that come with the kit; empty when there are none."""
    return Views(store.recorded(release))
