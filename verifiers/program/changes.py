"""The lists, sets and dictionaries that a call was given: what it changed in them shows in the originals.

Both ends go through the arguments in the same order, the one through its originals, the other through its copies, and
so know each container by its number, also those deep inside others. One that is returned, or moved, is still itself.
"""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Change = list[Any]
    """Number of a container, and all that it holds now, encoded; of a dictionary keys and values in turn."""

_CONTAINERS = (list, deque, set, dict, bytearray)
_WALKED = (*_CONTAINERS, tuple)


class Containers:
    """The containers among arguments, by number."""

    def __init__(self, args: Iterable[Any], crosses: Callable[[Any], bool]) -> None:
        """Number them; `crosses` tells which cross as copies, not as handles."""
        self.known = [item for arg in args if isinstance(arg, _WALKED) for item in _within(arg, crosses)]
        self._held: list[list[Any]] = []

    def remember(self) -> None:
        """Remember what they hold now."""
        self._held = [_items(item) for item in self.known]

    def handles(self) -> dict[int, list[Any]]:
        """Return what each is known by, by identity."""
        return {id(item): ["same", number] for number, item in enumerate(self.known)}

    def changes(self, encode: Callable[[Any], Any]) -> list[Change]:
        """Say what has changed since."""
        found: list[Change] = []
        for number, (held, item) in enumerate(zip(self._held, self.known, strict=True)):
            now = _items(item)
            if len(now) != len(held) or any(new is not old for new, old in zip(now, held, strict=True)):
                found.append([number, [encode(it) for it in now]])
        return found

    def apply(self, changes: list[Change], decode: Callable[[Any], Any]) -> None:
        """Do to these what was done to their copies.

        Raises:
            ValueError, TypeError, LookupError: these are no changes of theirs.
        """
        told = [(self.known[number], [decode(it) for it in items]) for number, items in changes]
        for container, items in told:
            _fill(container, items)


def _within(value: Any, crosses: Callable[[Any], bool]) -> Iterator[Any]:
    if not crosses(value):
        return
    if not isinstance(value, tuple):
        yield value
    if not isinstance(value, set | bytearray):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, _WALKED):
                yield from _within(item, crosses)


def _items(container: Any) -> list[Any]:
    """Return what it holds; of a dictionary keys and values in turn."""
    return [part for pair in container.items() for part in pair] if isinstance(container, dict) else list(container)


def _fill(container: Any, items: list[Any]) -> None:
    """Replace what it holds."""
    container.clear()
    if isinstance(container, dict):
        container.update(zip(items[::2], items[1::2], strict=True))
    elif isinstance(container, set):
        container.update(items)
    else:
        container.extend(items)
