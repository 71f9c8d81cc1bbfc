"""Strangers, new contacts, fading and the way out, as the chat's commands do them; the face is a script."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ada_at_the_chat import asks, at_the_chat, befriended
from chat_stage import new_device
from foreseal_client import public_cards
from foreseal_client.chat.acts import ACTS
from foreseal_client.chat.banner import banner
from foreseal_client.chat.card import Reply
from foreseal_client.chat.commands import COMMANDS
from foreseal_client.chat.conversations import Conversation, conversations, readable
from foreseal_client.chat.following import take
from foreseal_client.chat.guarding import settings_card
from foreseal_client.chat.states import mark_of
from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged, OtherKeys, RequestsWaiting
from foreseal_client.keeping import open_evidence
from foreseal_client.relay_link import SocketLink
from foreseal_client.safeguard_settings import begin_young
from foreseal_client.safeguards.asked import read_asked
from foreseal_client.safeguards.passcode import Lock
from foreseal_client.safeguards.settings import ORDINARY, YOUNG, Requests
from foreseal_client.safeguards.words import EVIDENCE_KEPT
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Consequence, Received, Standing, State
from foreseal_matcher import Bytes, Entry, ListSet
from foreseal_matcher.lists import ListedHash, Purpose, build_list
from sample_lists import nothing_listed
from sample_stores import CHEAP

FILE = Bytes(b"%PDF-1.7 and so on", "letter.pdf")
PASSCODE = "swordfish"


async def test_a_stranger_is_a_count_until_asked_for_then_words_and_then_somebody_to_write_to(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        await ada.says("/strangers", "Nobody can write to you first")
        await ada.says("/strangers on", "as a request")
        await asks(ada, "hello https://example.org/x [b]", "and more")
        await ada.face.until(lambda: "Message requests: 1. /requests shows them." in ada.face.said)
        assert not [said for said in ada.face.said if "Eve" in said]
        assert conversations(ada.device) == []
        assert ada.face.cards == []
        ada.face.will("A request", "keep", "leave")
        await ada.says("/requests", EVIDENCE_KEPT)
        card = ada.face.card("A request")
        assert "https[:]//example[.]org/x [b]" in dict(card.rows)["They wrote"]
        assert "://" not in str(card)
        assert (card.picture, card.safe.choice) == (None, "leave")
        assert card.choices[0].name == "leave"
        await ada.says("/requests nobody", "Nobody who asks is called")
        ada.face.will("A request", "accept")
        await ada.line("/requests Eve")
        assert ada.desk.current is not None
        assert ada.desk.current.name == "Eve"
        # What is let in may stand before or after the empty letter that says so.
        await ada.face.until(lambda: {"hello https://example.org/x [b]", "and more"} <= {m.text for m in ada.history()})
        counts = ada.device.store.safeguards.counts()
        assert (counts["requests_accepted"], counts["requests_blocked"]) == (1, 0)
        await ada.says("/requests", "No message requests.")
        await ada.says("/strangers off", "Nobody can write to you first")
        assert not ada.device.store.account.takes_requests()


async def test_a_handle_a_note_and_a_card_lead_to_somebody_and_a_days_first_contacts_end(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path, replace(ORDINARY, first_contacts=1)) as ada:
        async with SocketLink(ada.device.account.relay) as link:
            await link.directory.publish(public_cards.claim("eve.e", ada.eve.device))
            await link.directory.publish(public_cards.note("hello all", ada.eve.device))
        await ada.says("/find", "exactly as it is spelt")
        await ada.says("/find x https://", "exactly as it is spelt")
        await ada.says("/find nobody", "leads nowhere")
        ada.face.will("Found", "write")
        await ada.eve.messenger.first_contact.take_requests(is_open=True)
        await ada.says("/find eve.e", "is a request there until they answer")
        assert dict(ada.face.card("Found").rows)["Name"] == "Eve"
        await ada.line("/room")
        assert ada.face.card("The open room").choices[1].label == "Eve: hello all"
        await ada.line("/card")
        assert ada.device.card() in ada.face.card("Your card").text
        assert ada.face.card("Your card").code
        await ada.says("/write nonsense", "card")
        await ada.says(f"/write {ada.device.card()}", "This is your own card.")
        other = new_device(tmp_path / "third", "Third", ada.device.account.relay, ListSet.empty())
        ada.face.will("Write to a stranger", Reply("write", other.card()))
        await ada.says("/write", "This device allows 1 a day. Nothing was sent.")
        other.close()
        await ada.line("hello from a stranger")
        await ada.eve.until(RequestsWaiting, lambda event: event.count == 1)


async def test_files_of_somebody_new_stay_covered_links_stay_words_and_one_card_reminds(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path, replace(ORDINARY, moment_days=30, plain_links_days=30)) as ada:
        await befriended(ada)
        linked = await ada.comes(Draft("see https://example.org"))
        assert readable(linked, ada.device) == "see https[:]//example[.]org"
        await ada.face.until(lambda: "Somebody new" in ada.face.titles())
        covered = await ada.comes(Draft("for you", (FILE,)))
        assert covered.state is State.COVERED
        assert "COVERED" in mark_of(covered)
        await ada.line("/reveal")
        assert ada.face.card("Take a moment").safe.choice == "leave"
        assert ada.history()[-1].state is State.COVERED
        ada.face.will("Take a moment", "look")
        await ada.line("/reveal")
        assert ada.history()[-1].state is State.SHOWN
        await ada.says("/reveal", "Nothing here is hidden.")
        assert ada.face.titles().count("Somebody new") == 1
        (ada.folder / "mine.txt").write_bytes(b"mine")
        await ada.line(f"/attach {ada.folder / 'mine.txt'}")
        ada.face.will("Take a moment", "not")
        await ada.line("look")
        assert ada.face.given_back == ["look"]
        assert ada.device.store.safeguards.counts()[Consequence.CANCELLED] == 1


async def test_timers_receipts_typing_and_deletion_are_settled_in_words(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        await ada.says("/timer 1d", "Turn to somebody first")
        await befriended(ada)
        for nonsense in ("tomorrow", "1y", "-5m", "1d 2h", "\u0661d"):
            await ada.says(f"/timer {nonsense}", "A time is 30s, 5m, 8h or 7d, or off")
        await ada.says("/timer 5s", "after 30 seconds to 365 days")
        ada.face.will("Messages that disappear", "1h")
        await ada.line("/timer")
        await ada.face.until(lambda: any("disappear 1 hour" in one.note for one in ada.face.drawn))
        await ada.line("soon gone")
        await ada.face.until(lambda: ada.history()[-1].state is State.SENT)
        assert "disappears" in mark_of(ada.history()[-1])
        await ada.line("/timer off")
        await ada.says("/receipts maybe", "/receipts on, or /receipts off.")
        await ada.says("/receipts on", "as soon as they let you")
        await ada.eve.messenger.conversations.share(ada.eve.peer, Shares.RECEIPTS)
        settled = ada.desk.messenger.conversations.settled
        await ada.face.until(lambda: Shares.RECEIPTS in settled(ada.contact().identity).shared)
        await ada.says("/receipts", "let each other see what was delivered and read")
        seen = await ada.comes(Draft("read this"))
        await ada.face.until(lambda: ada.history()[-1].received is Received.READ)
        assert mark_of(replace(seen, state=State.SENT, received=Received.READ)) == "read"
        await ada.says("/typing off", "is not told")
        ada.face.will("Delete a message", "here")
        await ada.line("/delete")
        await ada.face.until(lambda: ada.face.gone_ids == [seen.id])
        assert "both" not in ada.face.card("Delete a message").text, "what somebody else wrote is deleted here alone"
        await ada.line("mine")
        ada.face.marked = ada.history()[-1]
        ada.face.will("Delete a message", "both")
        await ada.line("/delete")
        await ada.face.until(lambda: ada.history()[-1].state is State.DELETED)
        ada.face.marked = ada.history()[-1]
        await ada.line("/delete")
        assert [choice.name for choice in ada.face.card("Delete a message").choices] == ["leave", "here"]


async def test_help_blocking_and_evidence_make_no_traffic_and_ask_for_no_passcode(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        await befriended(ada)
        await ada.comes(Draft("send me a picture"))
        begin_young(ada.device, Lock.new("Uncle", PASSCODE, CHEAP))
        before = len(ada.tap.up)
        out, words = ada.folder / "evidence", "correct horse"
        ada.face.will("Is somebody pressuring you?", Reply("region", "de"), "keep", "export", "block", "close")
        ada.face.will("A file of evidence", Reply("go-on", str(out)))
        ada.face.will("A passphrase", Reply("go-on", words))
        ada.face.will("The same again", Reply("go-on", words))
        await ada.line("/help-me")
        assert "Passcode" not in ada.face.titles()
        rows = dict(ada.face.card("Is somebody pressuring you?").rows)
        assert "DE Nummer gegen Kummer" in rows
        assert "US CyberTipline" not in rows
        assert [one.text for one in open_evidence(out, words)] == ["send me a picture"]
        assert ada.contact().standing is Standing.BLOCKED
        assert len(ada.tap.up) == before
        await ada.says("hello", "is blocked: nothing goes there. /unblock")
        await ada.says("/unblock", "is a contact again")
        await ada.says("/unblock", "is not blocked")
        assert ada.contact().standing is Standing.ACCEPTED
        await ada.says("/timer 1d", "lets no messages disappear: /safeguards says why.")


async def test_a_young_persons_profile_says_who_holds_the_passcode_and_loosens_by_it_alone(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        assert banner(ada.device) == ""
        begin_young(ada.device, Lock.new("Aunt [b]Mo", PASSCODE, CHEAP))
        assert "Passcode: Aunt [b]Mo." in banner(ada.device)
        ada.face.will("Safeguards", "danger")
        await ada.line("/safeguards")
        assert "The passcode does not let them read your messages." in ada.face.card("Safeguards").text
        assert "You can get help without them." in ada.face.card("Getting help").text
        await ada.says("/safeguards moment_days", "NAME=VALUE")
        await ada.says("/safeguards moment=1", "there is no safeguard 'moment'")
        await ada.says("/safeguards young=false", "there is no safeguard 'young'")
        await ada.says("/safeguards moment_days=60", "Changed: moment_days.")
        assert "Passcode" not in ada.face.titles()
        await ada.line("/strangers on")  # asks, and Esc leaves it
        assert "held by: Aunt [b]Mo" in ada.face.card("Passcode").text
        assert ada.face.card("Passcode").secret
        assert ada.device.safeguards.requests is Requests.INVITED
        for _ in range(3):
            ada.face.will("Passcode", Reply("go-on", "guess"))
            said = await ada.says("/strangers on", "This is not the passcode")
        assert "The next try is in 30 seconds." in said
        asked = ada.face.titles().count("Passcode")
        await ada.says("/strangers on", "The next try is in")
        assert ada.face.titles().count("Passcode") == asked
        clock, ada.device._clock = ada.device._clock, lambda: time.time() + 60
        ada.face.will("Passcode", Reply("go-on", PASSCODE))
        await ada.says("/strangers on", "as a request")
        ada.device._clock = clock
        assert ada.device.store.account.takes_requests()
        await ada.says("/safeguards requests=invited", "Changed: requests.")
        assert not ada.device.store.account.takes_requests()  # the relay's flag follows
        await ada.says("/receipts on", "This is about one person")


async def test_what_the_settings_ask_for_tightens_the_chat_and_nothing_in_it_loosens_that(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        ada.device.asked = (read_asked("./foreseal.toml", {"requests": "invited", "may_send_receipts": "false"}),)
        before = ada.device.store.safeguards.settings()
        await ada.says("/strangers on", "The settings ask for more than the profile")
        assert ada.device.store.safeguards.settings() == before
        assert not ada.device.store.account.takes_requests()
        await ada.says("/safeguards requests=anyone", "The settings ask for more: ")
        await befriended(ada)
        await ada.says("/receipts on", "This profile tells nobody that")
        await ada.says("/typing on", "as soon as they let you")


@pytest.mark.parametrize("choice", ["later", "forget"])
async def test_a_relay_with_other_keys_is_a_card_once_and_only_the_person_takes_them(
    tmp_path: Path, choice: str
) -> None:
    async with at_the_chat(tmp_path) as ada:
        relay = ada.device.account.relay
        await ada.face.until(lambda: ada.device.store.purse.listed(relay) is not None)
        ada.face.will("Other keys at a relay", choice)
        for _ in range(2):
            take(ada.desk, OtherKeys(relay, "it may be marking you"))
        await ada.face.until(lambda: "Other keys at a relay" in ada.face.titles())
        await ada.face.until(lambda: (ada.device.store.purse.listed(relay) is None) is (choice == "forget"))
        assert ada.face.titles().count("Other keys at a relay") == 1
        assert ada.face.card("Other keys at a relay").safe.choice == "later"


def test_only_a_young_persons_card_offers_what_to_do_when_the_holder_is_the_danger(tmp_path: Path) -> None:
    device = new_device(tmp_path / "kim", "Kim", "http://127.0.0.1:9", ListSet.empty())
    assert [choice.name for choice in settings_card(device).choices] == ["close", "change"]
    begin_young(device, Lock.new("Mo", PASSCODE, CHEAP))
    assert device.safeguards == YOUNG
    assert [choice.name for choice in settings_card(device).choices] == ["close", "change", "danger"]
    device.close()


def test_every_command_that_is_named_does_something_and_nothing_else_does() -> None:
    assert set(ACTS) == set(COMMANDS)


async def test_a_group_is_founded_changed_and_left(tmp_path: Path) -> None:
    async with at_the_chat(tmp_path) as ada:
        await befriended(ada)
        await ada.says("/group Walks", "The group Walks is there")
        await ada.says("anybody?", "Nobody else is in this group")
        await ada.says("/add ev", "Eve is in the group.")
        await ada.says("/add ev", "Nobody here is called 'ev'")
        await ada.line("hello all")
        await ada.line("/members")
        assert ("Ada", "admin") in ada.face.card("Who is in Walks").rows
        await ada.says("/timer 1d", "The others settle it for what they write.")
        await ada.says("/rename Long walks", "called Long walks now")
        ada.device.store.people.change(ada.eve.device.identity, standing=Standing.BLOCKED)
        await ada.says("and now?", "whom you have not blocked. Nothing was sent.")
        ada.device.store.people.change(ada.eve.device.identity, standing=Standing.ACCEPTED)
        await ada.says("/remove eve", "Eve is out of the group.")
        await ada.says("/safety", "This is about one person")
        await ada.line("/leave")
        ada.face.will("Leave the group", "leave")
        await ada.says("/leave", "You left Long walks.")
        await ada.says("too late", "not in this group any more")


async def test_a_known_person_with_a_new_key_is_a_loud_card_and_nothing_leaves_before_it_was_looked_at(
    tmp_path: Path,
) -> None:
    async with at_the_chat(tmp_path) as ada:
        await befriended(ada)
        again = Person(
            "Eve", new_device(tmp_path / "again", "Eve", ada.device.account.relay, nothing_listed()), ada.eve.tap
        )
        await again.come()
        newcomer = await ada.desk.messenger.accept_invitation(await again.messenger.invite())
        await ada.face.until(lambda: "A new key" in ada.face.titles())
        card = ada.face.card("A new key")
        assert (card.loud, card.safe.choice) == (True, "later")
        ada.desk.open(Conversation(newcomer))
        await ada.line("is it you?")
        assert ada.device.store.history.with_contact(newcomer.identity)[-1].state is State.PAUSED
        await ada.line("/key")
        ada.face.will("A new key", "accept")
        await ada.line("/key")
        await again.until(MessageChanged, lambda event: event.message.text == "is it you?")
        await ada.says("/key", "There is no new key")
        await again.leave()
        again.device.close()


async def test_a_stop_is_counted_with_what_a_person_did_about_it(tmp_path: Path) -> None:
    listed = Bytes(b"listed bytes", "a.bin")
    entry = ListedHash(Entry(1, "sha256", "tests", "tests"), hashlib.sha256(listed.data).digest())
    today = datetime.now(UTC).date()
    build_list(tmp_path / "list", [entry], name="demo", version="1", made=today, purpose=Purpose.SYNTHETIC)
    lists = ListSet.open([tmp_path / "list"], today)
    async with at_the_chat(tmp_path, lists=lists) as ada:
        await befriended(ada)
        (tmp_path / "a.bin").write_bytes(listed.data)
        await ada.line(f"/attach {tmp_path / 'a.bin'}")
        ada.face.will("Not sent", "why", "wrong")
        ada.face.will("It is wrong", Reply("other-picture", "mine"))
        await ada.line("look")
        ada.face.will("Review 1 of 1", "overturned")
        await ada.line("/review")
        await ada.line("/send")
        assert ada.history()[-1].state in (State.QUEUED, State.SENT)
        await ada.line(f"/attach {tmp_path / 'a.bin'}")
        await ada.line("once more")
        counts = ada.device.store.safeguards.counts()
        named = {name: counts[name] for name in ("shown", "why_opened", "appealed", "overturned", "cancelled")}
        assert named == {"shown": 2, "why_opened": 1, "appealed": 1, "overturned": 1, "cancelled": 1}
