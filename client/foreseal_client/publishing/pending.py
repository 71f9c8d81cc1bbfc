"""What waits for endorsers: metadata without a signature, and each endorser's signature in a file of its own.

Files that lie beside each other can be copied from machine to machine in any order, by mail or on a stick: nobody has
to merge anything, and nobody's secret key travels.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, TypeVar

from securesystemslib.signer import CryptoSigner, Key, Signature
from tuf.api.metadata import Metadata, Root, Targets

from foreseal_client.publishing.keys import name_of
from foreseal_client.publishing.repository import Repository, read_metadata

__all__ = ["Pending", "Waiting"]

_SIGNATURE: Final = ".sig"
S = TypeVar("S", Root, Targets)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is lacking before something can be published. `role`: "root" or "targets". `signed` and `unsigned`: names
    of endorsers. `missing`: how many more have to sign."""

    role: str
    signed: tuple[str, ...]
    unsigned: tuple[str, ...]
    missing: int


class Pending:
    """The folder `pending/` of a repository."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folder = repository.pending_folder

    def root(self) -> Metadata[Root] | None:
        """The root that waits, with the signatures there are. What a crash left here after it was published waits for
        nobody."""
        return _newer(self._with_signatures("root", Root), self._repository.root())

    def targets(self) -> Metadata[Targets] | None:
        """The targets that wait, with the signatures there are."""
        return _newer(self._with_signatures("targets", Targets), self._repository.targets())

    def prepare(self, metadata: Metadata[S]) -> None:
        """Lets this wait in the place of what waited for the same role. Raises `NotPublished`."""
        self._clear(metadata.signed.type)
        self._repository.write(self._folder / f"{metadata.signed.type}.json", metadata.to_bytes())

    def sign(self, signers: list[CryptoSigner]) -> list[tuple[str, str]]:
        """Signs all that waits with each key that may endorse it; returns role and endorser of each signature made.
        Raises `NotPublished`."""
        made = []
        for metadata in (self.root(), self.targets()):
            if metadata is None:
                continue
            role = metadata.signed.type
            for signer in signers:
                key = self._endorsers(role).get(signer.public_key.keyid)
                if key is not None:
                    signature = signer.sign(metadata.signed_bytes)
                    text = json.dumps({"keyid": signature.keyid, "sig": signature.signature}) + "\n"
                    path = self._folder / f"{role}.{name_of(key)}-{key.keyid[:8]}{_SIGNATURE}"
                    self._repository.write(path, text.encode("ascii"))
                    made.append((role, name_of(key)))
        return made

    def waiting(self) -> Waiting | None:
        """What is lacking; None where nothing waits, or enough have signed."""
        root, targets, before = self.root(), self.targets(), self._repository.root()
        if root is not None:
            previous = None if before is None else before.signed
            result = root.signed.get_root_verification_result(previous, root.signed_bytes, root.signatures)
            if not result:
                return _waiting(
                    "root", result.signed, result.unsigned, max(result.first.missing, result.second.missing)
                )
        governing = root or before
        if targets is not None and governing is not None:
            found = governing.signed.get_verification_result(Targets.type, targets.signed_bytes, targets.signatures)
            if not found:
                return _waiting("targets", found.signed, found.unsigned, found.missing)
        return None

    def done(self) -> None:
        """Removes what was published."""
        for role in ("root", "targets"):
            self._clear(role)

    def _clear(self, role: str) -> None:
        for path in (self._folder / f"{role}.json", *self._folder.glob(f"{role}.*{_SIGNATURE}")):
            path.unlink(missing_ok=True)

    def _with_signatures(self, role: str, kind: type[S]) -> Metadata[S] | None:
        path = self._folder / f"{role}.json"
        if not path.exists():
            return None
        metadata = read_metadata(path, kind)
        metadata.signatures = {found.keyid: found for found in self._signatures(role)}
        return metadata

    def _signatures(self, role: str) -> list[Signature]:
        """Signatures as they lie there, right or wrong: whoever counts them checks them."""
        found = []
        for path in sorted(self._folder.glob(f"{role}.*{_SIGNATURE}")):
            try:
                fields = json.loads(path.read_bytes())
                found.append(Signature(str(fields["keyid"]), str(fields["sig"])))
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
        return found

    def _endorsers(self, role: str) -> dict[str, Key]:
        """The keys that may endorse a role, by id: under the root in force, and under the one that waits."""
        roots = [found.signed for found in (self._repository.root(), self.root()) if found is not None]
        return {keyid: root.keys[keyid] for root in roots for keyid in root.roles[role].keyids}


def _newer(waiting: Metadata[S] | None, published: Metadata[S] | None) -> Metadata[S] | None:
    old = waiting is not None and published is not None and waiting.signed.version <= published.signed.version
    return None if old else waiting


def _waiting(role: str, signed: dict[str, Key], unsigned: dict[str, Key], missing: int) -> Waiting:
    return Waiting(role, _names(signed), _names(unsigned), missing)


def _names(keys: dict[str, Key]) -> tuple[str, ...]:
    return tuple(sorted(name_of(key) for key in keys.values()))
