"""`foreseal bench sealing`: what a text message and a new session cost, and the ratchet beside others."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.ratchet_peers import Exchange, peers
from foreseal_client.bench.timing import at_share, median
from foreseal_client.draft import Draft
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.sealing.bundles import PeerBundle, open_bundle
from foreseal_client.sealing.handshake import address, initiate, respond
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.opening import open_inner, unwrap
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.ratchet import RatchetState
from foreseal_client.sealing.seal import Recipient, Sender, seal
from foreseal_client.sealing.session import Session
from foreseal_client.sealing.sessions import Sessions
from foreseal_matcher import Cleared, ListSet, Mode, OnFailure, Policy, decide, screen
from foreseal_relay.wire import mailbox_of

__all__ = ["Side", "bench_sealing"]

_TODAY: Final = 20_000
_TEXT: Final = "See you at seven, at the station. Here is where it leaves: https://trains.example/today?to=home " * 2
_ENTRIES: Final = 100_000
_ROUNDS: Final = 10


class Side(msgspec.Struct):
    """One device without a store: its keys, its prekeys and the address of its mailbox."""

    keys: DeviceKeys
    prekeys: Prekeys
    mailbox: bytes

    @classmethod
    def new(cls) -> Side:
        """With keys of its own."""
        keys = DeviceKeys.generate()
        return cls(keys, Prekeys.generate(_TODAY), mailbox_of(keys.login_public))

    @property
    def address(self) -> bytes:
        """As handshakes bind it."""
        return address(self.mailbox, DEVICE)

    def bundle(self) -> PeerBundle:
        """Its signed keys, checked as a sender does."""
        signed = self.prekeys.signed_bundle(self.keys, self.mailbox, _TODAY)
        return open_bundle(signed, None, self.keys.identity_public, self.mailbox, _TODAY)


def bench_sealing(work: Path, messages: int, seed: int) -> dict[str, object]:
    """`messages`: how many for each figure; `work`: an empty folder, for a random list. CPU time of this process,
    nothing of network or database:

    `screen_ms`, `seal_ms`, `open_ms`, `whole_ms`: a text message with links through `screen`, `decide`, `seal` and its
    opening, with the states of both sides restored before and saved after, medians; `setups_per_s`: handshakes, both
    sides and the first message; `ratchet`: name -> seals and opens a second of a text in one direction (`one_way`) and
    with an answer to each (`to_and_fro`), round by round beside peers where those are installed. Raises `OSError`.
    """
    lists = ListSet.open([make_random_list(work / "list", _ENTRIES, seed).folder], MADE)
    alice, bob = Side.new(), Side.new()
    bundle = bob.bundle()  # checked once: that belongs to fetching it
    stages = _stages(alice, bob, bundle, lists, messages)
    return {
        "messages": messages,
        "seed": seed,
        "text_bytes": len(_TEXT.encode()),
        **{f"{stage}_ms": round(median(spent) * 1000, 3) for stage, spent in stages.items()},
        "whole_p99_ms": round(at_share(stages["whole"], 0.99) * 1000, 3),
        "setups_per_s": round(_rate(partial(_set_up, alice, bob, bundle), max(1, messages // 10))),
        "ratchet": _ratchets(messages),
    }


def _stages(alice: Side, bob: Side, bundle: PeerBundle, lists: ListSet, messages: int) -> dict[str, list[float]]:
    policy, sender = Policy(Mode.HOLD, OnFailure.CLOSED), Sender(alice.keys, alice.mailbox, None)
    session, answering = _set_up(alice, bob, bundle)
    ours, theirs = Sessions().put(session, _TODAY).save(), Sessions().put(answering, _TODAY).save()
    kept = bob.prekeys.save()
    spent: dict[str, list[float]] = {"screen": [], "seal": [], "open": [], "whole": []}
    for number in range(messages):
        marks = [time.process_time()]
        cleared = decide(screen(Draft(f"{number} {_TEXT}"), lists), policy)
        if not isinstance(cleared, Cleared):
            raise TypeError("a text was held by a list of random entries")
        marks.append(time.process_time())
        before = Sessions.restore(ours)
        sealed = seal(cleared, sender, Recipient(bundle, before.current), seal_attachments(cleared, Path), now=0)
        ours = before.put(sealed.session, _TODAY).save()
        marks.append(time.process_time())
        prekeys, known = Prekeys.restore(kept), Sessions.restore(theirs)
        envelope = sealed.envelope
        opened = open_inner(
            unwrap(envelope.body, prekeys, bob.mailbox), envelope.commitment, envelope.eid, keys=bob.keys,
            prekeys=prekeys, mailbox=bob.mailbox, sessions=known, today=_TODAY,
        )  # fmt: skip
        theirs = known.put(opened.session, _TODAY).save()
        marks.append(time.process_time())
        for stage, begun, ended in zip(("screen", "seal", "open"), marks, marks[1:], strict=False):
            spent[stage].append(ended - begun)
        spent["whole"].append(marks[-1] - marks[0])
    return spent


def _set_up(alice: Side, bob: Side, bundle: PeerBundle) -> tuple[Session, Session]:
    """A session from checked keys to the first message opened, both sides."""
    commitment, eid = bytes(32), bytes(16)
    agreed, handshake = initiate(alice.keys, bundle, alice.address, 1)
    session, message = Session.begin(agreed, handshake, DEVICE).encrypt(b"first", commitment, eid)
    theirs = respond(bob.keys, bob.prekeys, handshake, alice.keys.identity_public, alice.address, bob.address)
    answering, _ = Session.accept(theirs, handshake, DEVICE, message).decrypt(message, commitment, eid, _TODAY)
    return session, answering


def _ratchets(messages: int) -> dict[str, dict[str, int]]:
    exchanges: dict[str, Exchange] = {"foreseal": _ours(), **peers()}
    text, each = _TEXT.encode(), max(1, messages // _ROUNDS)
    rates: dict[str, dict[str, list[float]]] = {name: {"one_way": [], "to_and_fro": []} for name in exchanges}
    # Round by round, so that other work on the machine meets all of them alike.
    for _ in range(_ROUNDS):
        for name, exchange in exchanges.items():
            rates[name]["one_way"].append(_rate(partial(exchange, text, False), each))
            rates[name]["to_and_fro"].append(_rate(partial(exchange, text, True), each))
    return {name: {way: round(median(found)) for way, found in both.items()} for name, both in rates.items()}


def _ours() -> Exchange:
    secret, newest = bytes(range(32)), Prekeys.generate(_TODAY).generations[0]
    ours, first = RatchetState.initiate(secret, newest.signed_public).encrypt(b"first", b"")
    sides = [ours, RatchetState.respond(secret, newest.signed_prekey, first).decrypt(first, b"", _TODAY)[0]]

    def exchange(text: bytes, turn: bool) -> None:
        sides[0], message = sides[0].encrypt(text, b"")
        sides[1], _ = sides[1].decrypt(message, b"", _TODAY)
        if turn:
            sides.reverse()

    return exchange


def _rate(call: Callable[[], object], times: int) -> float:
    """Calls a second of CPU."""
    began = time.process_time()
    for _ in range(times):
        call()
    return times / max(time.process_time() - began, 1e-9)
