"""Finding backends: in this process first, then by entry point, and loudly when that does not work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp._registry import GROUP
from gentcp.abc import Backend, Result, Term, Time


class Toy(Backend):
    """Knows its name."""

    description = "for tests"

    def __init__(self, name: str) -> None:
        self.name = name

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        return ("error", "econnrefused")

    def listen(self, port: Term, options: list[Term]) -> Result:
        return ("error", "eaddrinuse")


@pytest.fixture
def toy() -> Iterator[Toy]:
    backend = Toy("toy")
    yield backend
    gentcp.unregister("toy")


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test loads is forgotten after it."""
    monkeypatch.setattr("gentcp._registry._loaded", {})


class Distributions:
    """Makes installed distributions that declare backends."""

    def __init__(self, site: Path) -> None:
        self.site = site

    def install(self, name: str, *entries: str, code: str = "") -> None:
        """`entries` are lines of the entry-point group; `code` is the module `<name>_code`."""
        info = self.site / f"{name}-1.2.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        info.joinpath("entry_points.txt").write_text("[gentcp.backends]\n" + "\n".join(entries) + "\n")
        self.site.joinpath(f"{name}_code.py").write_text(code)


@pytest.fixture
def distributions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distributions:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Distributions(tmp_path)


def test_both_backends_are_found_under_their_names() -> None:
    for name in ("inet", "socket"):
        backend = gentcp.get_backend(name)
        assert backend.name == name
        assert backend.description
        assert gentcp.get_backend(name) is backend


def test_the_list_is_in_order_and_says_where_each_comes_from(toy: Toy) -> None:
    gentcp.register(toy)
    listed = gentcp.available_backends()
    assert list(listed) == sorted(listed)
    assert {"inet", "socket", "toy"} <= set(listed)
    assert "registered" in listed["toy"]


def test_a_registered_backend_is_used_until_it_is_taken_back(toy: Toy) -> None:
    gentcp.register(toy)
    assert gentcp.get_backend("toy") is toy
    gentcp.unregister("toy")
    gentcp.unregister("toy")
    with pytest.raises(gentcp.NoBackend):
        gentcp.get_backend("toy")


def test_a_name_is_given_once_unless_it_is_replaced(toy: Toy) -> None:
    gentcp.register(toy)
    other = Toy("toy")
    with pytest.raises(ValueError, match="'toy'.*replace=True"):
        gentcp.register(other)
    assert gentcp.get_backend("toy") is toy
    gentcp.register(other, replace=True)
    assert gentcp.get_backend("toy") is other


@pytest.mark.parametrize("junk", [None, "inet", Toy, len], ids=repr)
def test_what_is_no_backend_is_refused(junk: Any) -> None:
    with pytest.raises(TypeError, match="backend: expected a gentcp.abc.Backend"):
        gentcp.register(junk)


def test_an_unknown_name_is_answered_with_what_is_installed() -> None:
    with pytest.raises(gentcp.NoBackend) as caught:
        gentcp.get_backend("sockets")
    assert "'sockets'" in str(caught.value)
    assert "did you mean 'socket'" in str(caught.value)
    assert "Installed: " in str(caught.value)
    assert all(name in str(caught.value) for name in gentcp.available_backends())


NO_NAMES: list[Any] = [None, 1, b"inet", ("inet",), [], {}]


@pytest.mark.parametrize("junk", NO_NAMES, ids=repr)
def test_what_is_no_name_is_an_unknown_backend_too(junk: Any) -> None:
    with pytest.raises(gentcp.NoBackend, match="Installed: "):
        gentcp.get_backend(junk)


BACKEND = "from gentcp.erl import gen_tcp\nfrom gentcp import get_backend\nbackend = get_backend('inet')\n"


def test_an_entry_point_may_name_a_backend_or_a_function_that_makes_one(distributions: Distributions) -> None:
    code = BACKEND + "def make():\n    return backend\n"
    distributions.install("foreign", "one = foreign_code:backend", "two = foreign_code:make", code=code)
    assert gentcp.get_backend("one") is gentcp.get_backend("inet")
    assert gentcp.get_backend("two") is gentcp.get_backend("inet")
    assert gentcp.available_backends()["one"] == "foreign 1.2"


def test_listing_loads_nothing(distributions: Distributions) -> None:
    distributions.install("explosive", "explosive = explosive_code:backend", code="raise SystemError\n")
    assert "explosive" in gentcp.available_backends()


def test_a_backend_that_cannot_be_loaded_names_its_distribution(distributions: Distributions) -> None:
    distributions.install("broken", "broken = broken_code:backend", code="raise RuntimeError('no luck')\n")
    with pytest.raises(gentcp.NoBackend, match=r"'broken' of broken \(broken_code:backend\).*no luck"):
        gentcp.get_backend("broken")


def test_what_an_entry_point_gives_must_be_a_backend(distributions: Distributions) -> None:
    distributions.install("odd", "odd = odd_code:thing", code="def thing():\n    return 'a string'\n")
    with pytest.raises(gentcp.NoBackend, match=r"odd .*gives no gentcp.abc.Backend for 'odd'"):
        gentcp.get_backend("odd")


def test_a_name_that_two_distributions_claim_is_an_error_that_names_both(distributions: Distributions) -> None:
    distributions.install("first", "shared = first_code:backend", code=BACKEND)
    distributions.install("second", "shared = second_code:backend", code=BACKEND)
    with pytest.raises(gentcp.NoBackend, match=r"'shared' is claimed by (first|second) .* and (first|second) "):
        gentcp.get_backend("shared")


def test_one_distribution_seen_twice_is_no_clash(distributions: Distributions, tmp_path: Path) -> None:
    """An editable install beside a built one is the usual case."""
    distributions.install("twice", "twice = twice_code:backend", code=BACKEND)
    again = tmp_path / "twice-1.3.dist-info"
    again.mkdir()
    again.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: twice2\nVersion: 1.3\n")
    again.joinpath("entry_points.txt").write_text("[gentcp.backends]\ntwice = twice_code:backend\n")
    assert gentcp.get_backend("twice").name == "inet"


def test_a_registered_backend_goes_before_an_installed_one(distributions: Distributions, toy: Toy) -> None:
    distributions.install("late", "toy = late_code:backend", code=BACKEND)
    gentcp.register(toy, replace=True)
    assert gentcp.get_backend("toy") is toy


def test_the_group_is_the_documented_one() -> None:
    assert GROUP == "gentcp.backends"
