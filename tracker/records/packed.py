"""Many keys in little memory: eight bytes each where they are numbers."""

from array import array
from collections.abc import Sequence
from typing import Any

KIND = "q"  # whole numbers of 64 bits


def pack(keys: Sequence[Any]) -> Any:
    """The keys as bytes; those that are texts as a tuple."""
    return array(KIND, keys).tobytes() if keys and isinstance(keys[0], int) else tuple(keys)


def unpack(packed: Any) -> Sequence[Any]:
    """The keys that were packed."""
    if isinstance(packed, tuple):
        return packed
    keys = array(KIND)
    keys.frombytes(packed)
    return keys
