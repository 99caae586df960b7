"""Caches that are bounded in bytes."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """What was put in first goes first, when all together would be more bytes than `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Key, tuple[Value, int]] = {}
        self.size = 0

    def get(self, key: Key) -> Value | None:
        """What is remembered under a key."""
        found = self._held.get(key)
        return found[0] if found else None

    def put(self, key: Key, value: Value, size: int) -> None:
        """Remember a value that takes so many bytes, its key included."""
        if key in self._held:
            return
        self._held[key] = value, size
        self.size += size
        while self.size > self._most:
            oldest = next(iter(self._held))
            self.size -= self._held.pop(oldest)[1]

    def __len__(self) -> int:
        return len(self._held)
