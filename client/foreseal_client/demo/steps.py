"""The vocabulary of scenarios: who does what, and what is then claimed. A step is a value; `acts/` carries it out.

Every step has words for the presenter (`say`: a line to speak, `look`: where to look) and for the record (`claim`: the
sentence that holds if what the step names comes to be). There is no step without something that can turn out false.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from foreseal_client.demo.shelf import Shelved
from foreseal_client.groups.state import MAX_MEMBERS
from foreseal_client.store import Ground
from foreseal_matcher import Mode, OnFailure

__all__ = [
    "Accept", "AnotherList", "AnyStep", "Appeal", "Arrive", "Becomes", "Befriend", "Compare", "Endorse", "Found",
    "GroupWrite", "Knock", "ListsCompared", "LoseList", "MaxBits", "Modify", "Name", "OnList", "Outsider", "Plant",
    "Prepare", "Publish", "RelayHolds", "ReviewIt", "Search", "Send", "SetPolicy", "Step", "Tighten", "Update",
    "Young",
]  # fmt: skip

Name = Literal["Alice", "Bob", "Carol", "Mallory"]
"""Who can be on the stage. Alice and Bob always are; the others `arrive`."""
Line = Annotated[str, Meta(min_length=1, max_length=400)]
Words = Annotated[str, Meta(min_length=1, max_length=2000)]
Becomes = Literal["held", "held-unchecked", "moment", "shown", "shown-unchecked", "withheld", "covered"]
"""What can become of a message: the first three on the sender's device, where no byte leaves; the others on the
receiver's. *Unchecked* where the check could not be made."""
MaxBits = Annotated[int, Meta(ge=0, le=256)]
Endorser = Literal["endorser-1", "endorser-2", "endorser-3"]


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab", tag_field="do"):
    """What each step says."""

    say: Line
    claim: Line
    look: str = ""


# --- people -----------------------------------------------------------------------------------------------------------


class Arrive(Step, frozen=True, kw_only=True, tag="arrive"):
    """Somebody else makes an account at the relay."""

    who: Name


class Befriend(Step, frozen=True, kw_only=True, tag="befriend"):
    """`who` takes up an invitation of `other`'s."""

    who: Name
    other: Name


class Young(Step, frozen=True, kw_only=True, tag="young-profile"):
    """Makes it a young person's profile, its passcode held by somebody else."""

    who: Name
    holder: Annotated[str, Meta(min_length=1, max_length=40)]


class Knock(Step, frozen=True, kw_only=True, tag="knock"):
    """A stranger writes by a public card, with a picture. `then`: refused by the relay, or a request of words alone."""

    who: Name
    to: Name
    text: Words
    picture: Shelved
    then: Literal["refused", "request"]


class Accept(Step, frozen=True, kw_only=True, tag="answer-request"):
    """What is done about the one request there is. The stranger is told nothing in either case."""

    who: Name
    then: Literal["blocked", "left"]


# --- messages ---------------------------------------------------------------------------------------------------------


class Send(Step, frozen=True, kw_only=True, tag="send"):
    """One message. `then`: what becomes of it, at the sender's (no byte leaves) or at the receiver's. `rested`: the
    moment that a young person's profile asks for was taken."""

    who: Name
    to: Name
    text: str = ""
    picture: Shelved | None = None
    rested: bool = False
    then: Becomes


class Found(Step, frozen=True, kw_only=True, tag="found-group"):
    """Makes a group of contacts."""

    who: Name
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    members: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_MEMBERS)]


class GroupWrite(Step, frozen=True, kw_only=True, tag="send-to-group"):
    """One message to everybody in the group. Held: nobody gets it and no byte leaves."""

    who: Name
    text: str = ""
    picture: Shelved | None = None
    then: Literal["held", "shown"]


class Appeal(Step, frozen=True, kw_only=True, tag="appeal"):
    """Says that what was stopped last was stopped wrongly. It is kept on the device and no byte leaves."""

    who: Name
    ground: Ground
    text: Words


class ReviewIt(Step, frozen=True, kw_only=True, tag="review"):
    """The presenter looks at it at this device; then it is tried again."""

    who: Name
    outcome: Literal["overturned", "upheld"]
    then: Literal["shown", "withheld", "held"]


class Modify(Step, frozen=True, kw_only=True, tag="modify"):
    """Takes the check out of somebody's client, as anybody can who changes their own program."""

    who: Name


# --- lists and policies -----------------------------------------------------------------------------------------------


class OnList(Step, frozen=True, kw_only=True, tag="list"):
    """Gives devices a synthetic list of these pictures."""

    devices: Annotated[tuple[Name, ...], Meta(min_length=1)]
    pictures: tuple[Shelved, ...]


class LoseList(Step, frozen=True, kw_only=True, tag="lose-list"):
    """The list's files are gone; the device notices."""

    who: Name


class SetPolicy(Step, frozen=True, kw_only=True, tag="policy"):
    """The presenter sets a policy at the devices, looser ones too."""

    devices: Annotated[tuple[Name, ...], Meta(min_length=1)]
    mode: Mode
    on_failure: OnFailure


class Tighten(Step, frozen=True, kw_only=True, tag="from-afar"):
    """Somebody who is not at the device asks for a policy by its configuration, as whoever runs a fleet can. `then`:
    what holds afterwards."""

    who: Name
    mode: Mode
    on_failure: OnFailure
    then: Literal["tighter", "unchanged"]


class Publish(Step, frozen=True, kw_only=True, tag="publish"):
    """A publisher with three endorsers, two of whom have to agree, publishes a list; devices follow it."""

    devices: Annotated[tuple[Name, ...], Meta(min_length=1)]
    pictures: tuple[Shelved, ...]


class Prepare(Step, frozen=True, kw_only=True, tag="prepare"):
    """A further version of the list waits for endorsers."""

    pictures: tuple[Shelved, ...]


class Endorse(Step, frozen=True, kw_only=True, tag="endorse"):
    """These endorsers sign what waits. `then`: whether that is enough."""

    endorsers: Annotated[tuple[Endorser, ...], Meta(min_length=1)]
    then: Literal["published", "waiting"]


class Update(Step, frozen=True, kw_only=True, tag="update"):
    """The devices ask for the newest list."""

    then: Literal["nothing new", "installed"]


class Outsider(Step, frozen=True, kw_only=True, tag="outsider"):
    """Somebody who is no endorser offers a list of these pictures under keys of their own; devices refuse it."""

    pictures: tuple[Shelved, ...]


class AnotherList(Step, frozen=True, kw_only=True, tag="another-list"):
    """Endorsers and the log's operator agree to give this person alone a list of these pictures, under a second history
    of the same log; the device takes it."""

    who: Name
    pictures: tuple[Shelved, ...]


class ListsCompared(Step, frozen=True, kw_only=True, tag="lists-compared"):
    """What the device of `who` makes of the log's head that came in the last letter of `other`."""

    who: Name
    other: Name
    then: Literal["no difference", "told apart"]


class Compare(Step, frozen=True, kw_only=True, tag="compare"):
    """How far apart the fingerprints of two pictures are, in bits of 256. `hues`: how far apart their mean hues are at
    least, in degrees."""

    pictures: tuple[Shelved, Shelved]
    at_least: MaxBits = 0
    at_most: MaxBits = 256
    hues: Annotated[int, Meta(ge=0, le=180)] = 0


# --- the relay --------------------------------------------------------------------------------------------------------


class Plant(Step, frozen=True, kw_only=True, tag="plant"):
    """Hands the relay a phrase in the open, as a broken client would: what a search has to find."""

    phrase: Annotated[str, Meta(min_length=8, max_length=200)]


class Search(Step, frozen=True, kw_only=True, tag="search"):
    """Looks for a phrase, or for a picture's bytes and fingerprints, in all that the relay stored, logged, got and
    sent."""

    phrase: Annotated[str, Meta(min_length=8, max_length=200)] | None = None
    picture: Shelved | None = None
    found: bool


class RelayHolds(Step, frozen=True, kw_only=True, tag="relay-infers"):
    """What the relay can still tell: how many envelopes came for `mailbox` at least, and of which sizes."""

    mailbox: Name
    envelopes: Annotated[int, Meta(ge=1)]


AnyStep = (
    Accept | AnotherList | Appeal | Arrive | Befriend | Compare | Endorse | Found | GroupWrite | Knock
    | ListsCompared | LoseList | Modify | OnList | Outsider | Plant | Prepare | Publish | RelayHolds | ReviewIt
    | Search | Send | SetPolicy | Tighten | Update | Young
)  # fmt: skip
