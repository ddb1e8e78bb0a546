"""Functions and methods replaced for the time of a run."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable


@dataclass(frozen=True)
class Patch:
    """`around` takes the original, and then the arguments of each call."""

    owner: Any
    name: str
    around: Callable[..., Any]


@contextmanager
def patched(patches: Iterable[Patch]) -> Generator[None]:
    """Have these in place, for every thread of the program, until the end of the block."""
    with ExitStack() as stack:
        for patch in patches:
            _replace(patch, stack)
        yield


def _replace(patch: Patch, stack: ExitStack) -> None:
    owner, name = patch.owner, patch.name
    original = getattr(owner, name)
    if name in vars(owner):
        stack.callback(setattr, owner, name, original)
    else:
        stack.callback(delattr, owner, name)
    setattr(
        owner,
        name,
        _method(patch.around, original)
        if isinstance(owner, type)
        else update_wrapper(partial(patch.around, original), original),
    )


def _method(around: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    # A partial object would not be bound to the instance.
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    return method
