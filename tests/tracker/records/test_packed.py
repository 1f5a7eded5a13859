"""Keys come back as they went in, numbers in eight bytes each."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.records.packed import pack, unpack

KEYS = st.lists(st.integers(-(2**63), 2**63 - 1)) | st.lists(st.text())


@given(KEYS)
def test_packed_keys_come_back(keys: list[int] | list[str]) -> None:
    assert list(unpack(pack(keys))) == keys


def test_numbers_take_eight_bytes_each() -> None:
    assert len(pack([1, 2, 2**63 - 1])) == 24
