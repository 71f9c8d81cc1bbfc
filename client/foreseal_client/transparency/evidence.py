"""Proof that one log has signed two histories: for anybody, without trusting whoever brings it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from foreseal_client.transparency.checkpoint import CheckpointRefused, open_checkpoint
from foreseal_client.transparency.heads import Head
from foreseal_client.transparency.history import History
from foreseal_client.transparency.merkle import HASH_BYTES, Proof, ProofRefused, consistency_of, verify_consistency

__all__ = ["MAX_EVIDENCE_BYTES", "Evidence", "EvidenceRefused"]

MAX_EVIDENCE_BYTES: Final = 16 * 1024


class EvidenceRefused(Exception):
    """It is no evidence: it cannot be read, or the two heads may belong to one history. It proves nothing against
    anybody."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two signed heads of the log with this public key (32 bytes), the shorter first. `past`: the root that the longer
    one's log had at the size of the shorter, which `proof`, a proof of consistency, shows; it is not the shorter's."""

    key: bytes
    shorter: bytes
    longer: bytes
    past: bytes
    proof: Proof

    @staticmethod
    def between(ours: Head, history: History, theirs: Head) -> Evidence:
        """What a split view leaves, as `judge` found it. `history`: of our log, from their size or before up to our
        head."""
        size, other = ours.checkpoint.size, theirs.checkpoint.size
        past = ours.checkpoint.root if other == size else history.root(other) or b""
        return Evidence(ours.key, theirs.note, ours.note, past, consistency_of(history.read, other, size))

    def encode(self) -> bytes:
        """As JSON, for a file or a mail."""
        fields = {
            "log": self.key.hex(),
            "heads": [self.shorter.decode(), self.longer.decode()],
            "past": self.past.hex(),
            "proof": [step.hex() for step in self.proof],
        }
        return json.dumps(fields, indent=1).encode("ascii") + b"\n"

    @staticmethod
    def decode(encoded: bytes) -> Evidence:
        """Evidence that was checked. Raises `EvidenceRefused`."""
        try:
            fields = json.loads(encoded[:MAX_EVIDENCE_BYTES])
            shorter, longer = fields["heads"]
            proof = tuple(bytes.fromhex(step) for step in fields["proof"])
            found = Evidence(
                bytes.fromhex(fields["log"]), shorter.encode(), longer.encode(), bytes.fromhex(fields["past"]), proof
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EvidenceRefused("This is no evidence against a log.") from error
        found.demand()
        return found

    def demand(self) -> None:
        """Checks all of it. Raises `EvidenceRefused`."""
        try:
            shorter, longer = open_checkpoint(self.shorter, self.key), open_checkpoint(self.longer, self.key)
            verify_consistency(shorter.size, self.past, longer.size, longer.root, self.proof)
        except (CheckpointRefused, ProofRefused) as error:
            raise EvidenceRefused(f"This proves nothing. {error}") from error
        if len(self.past) != HASH_BYTES or self.past == shorter.root:
            raise EvidenceRefused("This proves nothing: the two heads belong to one history.")
