"""What ledgers held is named by the hash of what anyone can read."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.takeaways.heads import Head, Heads, id_of, plain_heads, read_heads

HEADS = st.dictionaries(
    st.text("abc-", min_size=1),
    st.builds(Head, line=st.integers(1, 10**6), hash=st.text("0123456789abcdef")),
)


def test_the_name_is_the_hash_of_the_text_that_is_written_down() -> None:
    text = b'{"early":{"hash":"0e","line":3},"late":{"hash":"1a","line":1}}'
    late, early = Head(line=1, hash="1a"), Head(line=3, hash="0e")
    assert id_of({"late": late, "early": early}) == sha256(text).hexdigest()


@given(HEADS)
def test_what_is_written_down_is_read_back(heads: Heads) -> None:
    assert read_heads(plain_heads(heads)) == heads


@pytest.mark.parametrize("plain", [7, [1, "0e"], {"line": 1}, {"line": "1", "hash": ""}])
def test_what_is_no_head_is_none(plain: object) -> None:
    with pytest.raises(ValueError, match="a line and a hash"):
        read_heads({"early": plain})  # type: ignore[dict-item]
