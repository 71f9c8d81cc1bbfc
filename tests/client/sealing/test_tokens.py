"""Drawing tokens begins with a key; `tests/relay/test_tokens.py` draws them."""

from __future__ import annotations

import pytest

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.tokens import Blinding
from foreseal_relay.token_wire import Kind


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\xff" * 32])
def test_what_is_no_key_of_a_relay_draws_nothing(key: bytes) -> None:
    with pytest.raises(PeerFaultError, match="that is none"):
        Blinding(Kind.BLOB, key, 1)
