"""Drawing anonymous tokens: blinding before, checking the proof and unblinding after (RFC 9497, mode VOPRF).

The relay evaluates what it cannot read; what comes out of it here, it will not know again. Its proof shows that it
used the key on its list and not one made for this person (DLEQ, section 2.2), and what fails it is thrown away.
"""

from __future__ import annotations

import hashlib
import secrets

from voprf import ristretto

from foreseal_client.errors import PeerFaultError
from foreseal_relay.token_wire import EVALUATED_BYTES, Kind, Token

__all__ = ["Blinding"]


class Blinding:
    """One draw under way: nonces and blinding factors, which stay in memory. `key`: the issuer's public key, 32 bytes.
    Raises `PeerFaultError` when that is none."""

    def __init__(self, kind: Kind, key: bytes, count: int) -> None:
        try:
            self._key = ristretto.PublicKey.deserialize(key)
        except ValueError as fault:
            raise PeerFaultError("This relay lists a key for tokens that is none. None were drawn.") from fault
        self._key_id = hashlib.sha256(key).digest()
        self._nonces = [secrets.token_bytes(32) for _ in range(count)]
        begun = [ristretto.Client.blind(Token.message(kind, nonce, self._key_id)) for nonce in self._nonces]
        self._clients = [client for client, _ in begun]
        self.blinded = tuple(element.serialize() for _, element in begun)
        """What the relay evaluates: 32 bytes each."""

    def finish(self, evaluated: bytes) -> list[bytes]:
        """The tokens, 128 bytes each. Raises `PeerFaultError` when there are more or fewer, when one is no element of
        the group, or when a proof does not hold."""
        pieces = [evaluated[at : at + EVALUATED_BYTES] for at in range(0, len(evaluated), EVALUATED_BYTES)]
        try:
            authenticators = [
                client.finalize(ristretto.VerifiableOutput.deserialize(piece), self._key)
                for client, piece in zip(self._clients, pieces, strict=True)
            ]
        except ValueError as fault:
            raise PeerFaultError(
                "This relay did not make tokens with the key it shows to everybody. They were thrown away: with a key "
                "made for you alone it could tell what is yours. Messages to your contacts are not affected."
            ) from fault
        return [
            Token(nonce, self._key_id, authenticator).encoded()
            for nonce, authenticator in zip(self._nonces, authenticators, strict=True)
        ]
