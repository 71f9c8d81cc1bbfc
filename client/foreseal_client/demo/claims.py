"""The eight claims, each carried out on the stage and then checked. A claim that is not held says what was seen."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from typing import Final

from foreseal_client.demo.evidence import Evidence, told
from foreseal_client.demo.publisher import ENDORSERS, StagePublisher
from foreseal_client.demo.search import Needle, search
from foreseal_client.demo.stage import HOLD_CLOSED, Stage
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.events import MessageChanged
from foreseal_client.outbound import NotSent, Paused, Queued, Resting
from foreseal_client.relay_link import SocketLink
from foreseal_client.store import Direction, Message, State
from foreseal_client.words import visible
from foreseal_matcher import Bytes, Match, Mode, OnFailure, Policy, Undecodable, Unreadable
from foreseal_matcher.content import Item
from foreseal_matcher.lists import from_picture
from foreseal_relay import wire

__all__ = ["Claim", "Show"]

_HOLD_OPEN: Final = Policy(Mode.HOLD, OnFailure.OPEN)


@dataclass(frozen=True, slots=True)
class Claim:
    """`id`: one letter; `claim`: the sentence; `held`: whether it was seen to be true; `evidence`: what was seen."""

    id: str
    claim: str
    held: bool
    evidence: Evidence

    def as_dict(self) -> dict[str, str | bool | Evidence]:
        """For `--json`."""
        return {"id": self.id, "claim": self.claim, "held": self.held, "evidence": self.evidence}


class StageError(ClientError):
    """The demo could not go on as it was meant to."""


@dataclass(slots=True)
class Show:
    """The story under way: the stage, and what was said on it that nobody else may learn."""

    stage: Stage
    needles: list[Needle] = field(default_factory=list)
    plants: list[Needle] = field(default_factory=list)
    saw: dict[str, bytes] = field(default_factory=dict)
    untouched: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.untouched = self.stage.relay.saw()

    # --- the claims -----------------------------------------------------------------------------------------------

    async def text_arrives(self) -> Claim:
        """(a)"""
        text = f"Hello Bob, shall we meet at the lighthouse at seven? ({secrets.token_hex(4)})"
        self._secret("a text", text.encode())
        message = await self._deliver(Draft(text))
        return Claim(
            "a",
            "A text arrives.",
            message.state is State.SHOWN and message.text == text,
            {"sent": text, "received": message.text, "state": message.state.value},
        )

    async def picture_arrives(self, data: bytes, name: str) -> Claim:
        """(b)"""
        self._secret_picture(name, data)
        message = await self._deliver(Draft("", (Bytes(data, name),)))
        same = [_read(file) == data for file in message.files]
        return Claim(
            "b",
            "A picture that is on no list arrives byte-identical.",
            same == [True] and message.state is State.SHOWN,
            {"file": name, "bytes": len(data), "sha256": Bytes(data).sha256.hex(), "state": message.state.value},
        )

    async def listed_is_held(self, data: bytes, name: str, edit: str) -> Claim:
        """(c) `data` resembles an entry of Alice's list. The text that follows shows that the counter does count."""
        alice = self.stage.alice
        self._secret_picture(name, data)
        before = alice.tap.passed()
        outcome = await self._sent(Draft("", (Bytes(data, name),)))
        waiting = len(alice.device.store.outbox.relays())
        after = alice.tap.passed()
        await self._deliver(Draft("Never mind."))
        control = alice.tap.passed()
        evidence: Evidence = {
            "file": name,
            "edit": edit,
            "bytes_out": after.bytes - before.bytes,
            "connections": after.connections - before.connections,
            "relays_waited_for": waiting,
            "control_bytes_of_the_next_text": control.bytes - after.bytes,
        }
        held = isinstance(outcome, NotSent) and isinstance(outcome.held.verdict, Match)
        evidence |= told(outcome.message.verdict)
        silent = after.bytes == before.bytes and after.connections == before.connections and waiting == 0
        return Claim(
            "c",
            "A listed picture, re-saved, resized and converted, is held and no byte leaves.",
            held and silent and control.bytes - after.bytes >= min(wire.BODY_SIZES),
            evidence,
        )

    async def update_counts_at_the_next_check(self, data: bytes, copy: bytes, name: str) -> Claim:
        """(h) `copy` is an edited copy of `data`, which an update puts on Alice's list while they talk."""
        alice = self.stage.alice
        self._secret_picture(name, copy)
        before, publisher = alice.device.lists, StagePublisher.begin(self.stage.folder / "publisher")
        publisher.prepare()
        publisher.endorse(*ENDORSERS)
        await publisher.update()
        await alice.device.follow(publisher.installed)
        unlisted = await self._deliver(Draft("", (Bytes(copy, name),)))
        publisher.prepare(data)
        published = publisher.endorse(ENDORSERS[0])
        alone = await publisher.update()
        still = await self._deliver(Draft("", (Bytes(copy, name),)))
        publisher.endorse(ENDORSERS[1])
        together = await publisher.update()
        outcome = await self._sent(Draft("", (Bytes(copy, name),)))
        alice.device.lists = before
        passed = unlisted.state is still.state is State.SHOWN and not published
        return Claim(
            "h",
            "A list that two of three endorsers signed counts at the next check; one signature changes nothing.",
            passed and isinstance(outcome, NotSent) and isinstance(outcome.held.verdict, Match),
            {"file": name, "one_signature": alone, "two_signatures": together, **told(outcome.message.verdict)},
        )

    async def incoming_is_withheld(self, data: bytes, name: str) -> Claim:
        """(d) `data` resembles an entry of Bob's list and none of Alice's."""
        self._secret_picture(name, data)
        message = await self._deliver(Draft("", (Bytes(data, name),)))
        return Claim(
            "d",
            "An incoming picture on the receiver's list is withheld.",
            message.state is State.WITHHELD and isinstance(message.verdict, Match),
            {"file": name, "state": message.state.value, **told(message.verdict)},
        )

    async def unreadable_is_its_own_outcome(self, data: bytes, name: str) -> Claim:
        """(g) A picture cut in half: neither clear nor a match, and the policy decides."""
        alice, bob = self.stage.alice, self.stage.bob
        half = Bytes(data[: len(data) // 2], name)
        self._secret("a damaged picture", half.data)
        before = alice.tap.passed()
        closed = await alice.messenger.send(alice.peer, Draft("", (half,)))
        silent = alice.tap.passed() == before
        for person in (alice, bob):
            person.device.policy = _HOLD_OPEN
        passed = await self._deliver(Draft("", (half,)))
        for person in (alice, bob):
            person.device.policy = HOLD_CLOSED
        verdict = closed.held.verdict if isinstance(closed, NotSent) else None
        return Claim(
            "g",
            "A file that cannot be checked is an outcome of its own, and the policy decides what follows.",
            isinstance(verdict, Unreadable) and silent and isinstance(passed.verdict, Unreadable),
            {
                "file": name,
                "reason": verdict.reason.value if isinstance(verdict, Unreadable) else "none",
                "under_fail_closed": "held" if isinstance(closed, NotSent) else "sent",
                "under_fail_open": passed.state.value,
            },
        )

    async def kill_loses_nothing(self, picture: Bytes | None = None) -> Claim:
        """(f) Bob is away, the relay has accepted, and is then killed. The plants for (e) are made here too, so that
        the search has something to find in what the relay stores and in what it sends."""
        stage = self.stage
        await stage.bob.leave()
        drafts = [Draft(f"While you were away, part {n}. ({secrets.token_hex(4)})") for n in (1, 2)]
        for draft in drafts:
            self._secret("a text", draft.text.encode())
        if picture is not None:
            self._secret_picture(picture.name, picture.data)
            drafts.append(Draft("", (picture,)))
        accepted = [await self._accept(draft) for draft in drafts]
        await self._plant()
        await stage.relay.kill()
        self._look("after kill -9")
        await stage.restart_relay()
        await stage.bob.come()
        arrived = [await self._arrival(message) for message in accepted]
        seen = stage.bob.device.store.history.with_contact(stage.bob.peer.identity)
        twice = len(seen) - len({message.eid for message in seen})
        return Claim(
            "f",
            "A relay killed with -9 between acceptance and delivery loses nothing.",
            [message.digest for message in arrived] == [message.digest for message in accepted] and twice == 0,
            {"accepted": len(accepted), "delivered": len(arrived), "shown_twice": twice},
        )

    def relay_saw_nothing(self) -> Claim:
        """(e) The plants have to be found, or the search proves nothing."""
        self._look("at the end")
        self.saw |= self.stage.on_the_wire()
        # What a relay has before anybody wrote (its own schema, say) says nothing about what it learnt.
        known = {hit.needle for hit in search(self.needles, self.untouched)}
        hits = search([needle for needle in self.needles if needle.name not in known], self.saw)
        found = search(self.plants, self.saw)
        where = {hit.haystack.split(":")[0].split(" to ")[0] for hit in found}
        missed = [plant.name for plant in self.plants if plant.name not in {hit.needle for hit in found}]
        return Claim(
            "e",
            "Nothing the relay stored, logged or sent holds a text, a picture's bytes or a fingerprint.",
            not hits and not missed and {"stored", "sent"} <= where,
            {
                "searched_for": len(self.needles) - len(known),
                "left_out_as_known_before": sorted(known),
                "bytes_searched": sum(map(len, self.saw.values())),
                "hits": [f"{hit.needle} in {hit.haystack} ({hit.form})" for hit in hits],
                "planted_controls": len(self.plants),
                "controls_found": len(self.plants) - len(missed),
                "controls_found_in": sorted(where),
            },
        )

    # --- the presenter's own pictures -----------------------------------------------------------------------------

    async def own_picture(self, number: int, item: Bytes) -> Claim:
        """What becomes of one of the presenter's files: held with no byte out, or arrived byte-identical."""
        alice, name = self.stage.alice, visible(item.name)
        self._secret_picture(name, item.data)
        before = alice.tap.passed()
        outcome = await self._sent(Draft("", (item,)))
        evidence: Evidence = {"file": name, **told(outcome.message.verdict)}
        if isinstance(outcome, NotSent):
            out = alice.tap.passed().bytes - before.bytes
            return Claim(
                f"own-{number}", f"{name} was held and no byte left.", out == 0, {**evidence, "bytes_out": out}
            )
        arrived = await self._arrival(outcome.message)
        same = [_read(file) for file in arrived.files] == [item.data]
        return Claim(f"own-{number}", f"{name} arrived byte-identical.", same, {**evidence, "bytes": item.size})

    # --- how they are carried out -----------------------------------------------------------------------------------

    async def _sent(self, draft: Draft) -> Queued | NotSent | Paused:
        """Sends from Alice, who has no settings that would ask her to take a moment."""
        outcome = await self.stage.alice.messenger.send(self.stage.alice.peer, draft)
        if isinstance(outcome, Resting):
            raise StageError("A card asked to take a moment, which nobody set on this stage.")
        return outcome

    async def _accept(self, draft: Draft) -> Message:
        """Sends from Alice to Bob; returns once the relay has it."""
        alice = self.stage.alice
        since = len(alice.log)
        outcome = await self._sent(draft)
        if not isinstance(outcome, Queued):
            raise StageError(f"Something harmless was held: {outcome.message.verdict}.")
        sent = outcome.message
        await alice.until(MessageChanged, lambda e: e.message.id == sent.id and e.message.state is State.SENT, since)
        return sent

    async def _arrival(self, sent: Message) -> Message:
        event = await self.stage.bob.until(
            MessageChanged, lambda e: e.message.direction is Direction.IN and e.message.eid == sent.eid
        )
        return event.message

    async def _deliver(self, draft: Draft) -> Message:
        return await self._arrival(await self._accept(draft))

    async def _plant(self) -> None:
        """An envelope that is sealed to nobody: what a broken client would send. Bob's device drops it."""
        alice = self.stage.alice
        text = f"planted in the open {secrets.token_hex(12)}".encode()
        pdq, picture = secrets.token_bytes(32), secrets.token_bytes(1500)
        self.plants = [Needle("text", text), Needle("fingerprint", pdq), Needle("picture", picture)]
        body = (text + pdq.hex().encode() + picture).ljust(wire.BODY_SIZES[0], b"\0")
        to = alice.peer
        frame = wire.Send(1, to.mailbox, secrets.token_bytes(16), wire.MIN_TTL, to.token, secrets.token_bytes(32), body)
        async with SocketLink(self.stage.relay.url, dial=alice.tap.url) as link:
            await link.send(frame)

    def _look(self, moment: str) -> None:
        self.saw |= {f"{name} {moment}": data for name, data in self.stage.relay.saw().items()}

    def _secret(self, name: str, value: bytes) -> None:
        self.needles.append(Needle(name, value))

    def _secret_picture(self, name: str, data: bytes) -> None:
        self._secret(f"{name}: its bytes", data)
        self._secret(f"{name}: its SHA-256", Bytes(data).sha256)
        with contextlib.suppress(Undecodable):
            for hashed in from_picture(data, 1, category="", source=""):
                self._secret(f"{name}: its {hashed.entry.algorithm}", hashed.value)


def _read(item: Item) -> bytes:
    with item.open() as reader:
        return reader.read()
