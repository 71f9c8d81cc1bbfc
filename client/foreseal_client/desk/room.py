"""The desk, opened by one officer: its cases, its own account at a relay, and who sits here. No connection."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from foreseal_client.desk.audit import BEGINNING, Act, record
from foreseal_client.desk.cases import Note, State
from foreseal_client.desk.officers import Officer, add_slot, drop_slot, opened_by, slots_in
from foreseal_client.desk.rules import Denied, Role, Voice, Vote, denied, standing
from foreseal_client.desk.tables import Tables
from foreseal_client.device import Device
from foreseal_client.errors import StoreError
from foreseal_client.reports.said import MAX_WORDS, Category
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.passphrases import Stretching
from foreseal_matcher import ListSet, Mode, OnFailure, Policy

__all__ = ["Desk"]

_ACCOUNT: Final = b"foreseal/1 desk account"
_CASES: Final = b"foreseal/1 desk cases"


class Desk:
    """`account`: the device that the desk is at its relay, a mailbox with keys like anybody's; it has no contacts and
    sends nothing. Made by `make`, opened by `open`; each raises `StoreError` and what is below it."""

    def __init__(self, folder: Path, desk_key: bytes, clock: Callable[[], float], **new: str) -> None:
        # Without lists and with everything held: a desk sends no pictures and shows none but on its own screen.
        self.folder = folder
        self._desk_key = desk_key
        self.tables = Tables(folder / "cases", _derived(desk_key, _CASES))
        try:
            self.account = Device(
                folder / "account", _derived(desk_key, _ACCOUNT), lists=ListSet.empty(),
                policy=Policy(Mode.HOLD, OnFailure.CLOSED), clock=clock, **new,
            )  # fmt: skip
        except BaseException:
            self.tables.close()
            raise
        self._officer: Officer | None = None

    @classmethod
    def make(
        cls,
        folder: Path,
        *,
        name: str,
        relay: str,
        lead: str,
        passphrase: str,
        clock: Callable[[], float],
        stretching: Stretching | None = None,
    ) -> Desk:
        """A new desk with one lead. It takes what strangers hand in: that is what it is for."""
        if slots_in(folder):
            raise StoreError(f"There is a desk in {folder} already. Nothing was changed.")
        desk_key = secrets.token_bytes(32)
        self = cls(folder, desk_key, clock, name=name, relay=relay)
        try:
            with self.account.store.transaction():
                self.account.store.account.take_requests(is_open=True)
            public = add_slot(folder, lead, passphrase, desk_key, stretching or Stretching.fresh())
            self._officer = Officer(lead, Role.LEAD, public, opened_by(folder, lead, passphrase).seed)
            with self.tables.transaction():
                self.tables.put_officer(lead, public, Role.LEAD)
                self.note_act("opened the desk", detail=public.hex())
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def open(cls, folder: Path, *, officer: str, passphrase: str, clock: Callable[[], float]) -> Desk:
        """The desk, with this officer at it."""
        opened = opened_by(folder, officer, passphrase)
        self = cls(folder, opened.desk_key, clock)
        public = DeviceKeys(opened.seed, opened.seed).identity_public
        role = next((role for name, key, role, here in self.tables.officers()
                     if here and (name, key) == (officer, public)), None)  # fmt: skip
        if role is None:
            self.close()
            raise StoreError(f"{officer} is not an officer of this desk any more.")
        self._officer = Officer(officer, role, public, opened.seed)
        return self

    @property
    def officer(self) -> Officer:
        """Who sits here. Raises `RuntimeError` before anybody does."""
        if self._officer is None:
            raise RuntimeError("nobody has opened this desk")
        return self._officer

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return self.account.now

    def close(self) -> None:
        """Closes both stores."""
        self.account.close()
        self.tables.close()

    # --- what an officer does -----------------------------------------------------------------------------------

    def vote(self, case: int, voice: Voice, category: Category | None = None) -> State | Denied:
        """The officer's word on a case, by default under the category that it has; what the case is after it."""
        found = self.tables.case(case)
        refused = denied(found, voice)
        if found is None or refused is not None:
            return refused or Denied.NO_SUCH_CASE
        named = category or found.category
        with self.tables.transaction():
            self.tables.put_vote(case, Vote(self.officer.name, voice, named))
            state, agreed = standing(self.tables.votes(case))
            self.note_act("vote", case, f"{voice.value} {named.value} {found.digest}")
            if state is not found.state or agreed is not None:
                self.tables.move(case, state, agreed, decided=None if state is State.WAITING else self.now)
        return state

    def note(self, case: int, text: str) -> Denied | None:
        """Writes something down beside a case. Raises `ValueError` for nothing, and for more than `MAX_WORDS`."""
        if self.tables.case(case) is None:
            return Denied.NO_SUCH_CASE
        if not 0 < len(text.strip()) <= MAX_WORDS:
            raise ValueError(f"A note has 1 to {MAX_WORDS} characters.")
        with self.tables.transaction():
            self.tables.put_note(case, Note(self.officer.name, self.now, text))
            self.note_act("note", case)
        return None

    def note_look(self, case: int, position: int) -> None:
        """The officer has looked at a file unblurred: that is an act, too."""
        with self.tables.transaction():
            self.note_act("looked", case, f"file {position}")

    def add_officer(
        self, name: str, role: Role, passphrase: str, stretching: Stretching | None = None
    ) -> Denied | None:
        """Takes somebody in, who types their passphrase here. Raises `StoreError`."""
        if self.officer.role is not Role.LEAD:
            return Denied.NOT_A_LEAD
        if any(known == name for known, *_ in self.tables.officers()):
            raise StoreError(f"{name} is or was an officer of this desk. Take another name.")
        public = add_slot(self.folder, name, passphrase, self._desk_key, stretching or Stretching.fresh())
        with self.tables.transaction():
            self.tables.put_officer(name, public, role)
            self.note_act("took in", detail=f"{name} {role.value} {public.hex()}")
        return None

    def remove_officer(self, name: str) -> Denied | None:
        """Takes somebody out. Their earlier votes stay. Raises `StoreError`, also for the last lead."""
        if self.officer.role is not Role.LEAD:
            return Denied.NOT_A_LEAD
        here = {known: (key, role) for known, key, role, present in self.tables.officers() if present}
        if name not in here:
            raise StoreError(f"{name} is no officer of this desk.")
        if not any(role is Role.LEAD for known, (_, role) in here.items() if known != name):
            raise StoreError("A desk needs a lead. Take in another one first.")
        with self.tables.transaction():
            self.tables.put_officer(name, *here[name], here=False)
            self.note_act("took out", detail=name)
        drop_slot(self.folder, name)
        return None

    def note_act(self, what: str, case: int = 0, detail: str = "") -> None:
        """Adds to the audit trail in the officer's name; the caller holds the transaction."""
        last = self.tables.last_record()
        number, before = (1, BEGINNING) if last is None else (last.act.number + 1, last.hash)
        officer = self.officer
        act = Act(number, before, self.now, officer.name, officer.key, what, case, detail)
        self.tables.append(number, record(act, officer.seed))


def _derived(desk_key: bytes, label: bytes) -> bytes:
    return hmac.digest(desk_key, label, "sha256")
