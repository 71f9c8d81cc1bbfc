"""Every sentence that a person reads about a check, in one place.

It says *resembles*, *listed*, *stopped*, *not sent*; it blames nobody; it says what left the device; and it states no
rate that was not measured here. Distances and entry ids are for the demo and the study only: elsewhere they would be a
gauge for finding out what passes.
"""

from __future__ import annotations

import time
from typing import Final

from foreseal_client.sealing.safety_number import Comparison
from foreseal_client.shown import visible
from foreseal_client.store import Cost, Direction, Evidence, Ground, KeyChange
from foreseal_client.transparency.heads import Judgement
from foreseal_matcher import (
    Clear,
    Entry,
    ListFacts,
    ListSet,
    Match,
    MatcherError,
    Mode,
    OnFailure,
    Policy,
    Reason,
    Undecodable,
    Unreadable,
    Verdict,
)
from foreseal_matcher.looking import WITHIN_FILM

__all__ = [
    "APPEAL",
    "BEGUN_ANEW",
    "CHAT",
    "CHECKED_NOW",
    "DEMO",
    "FILES_LET_GO",
    "GROUNDS",
    "HIDDEN",
    "INFERRED",
    "LISTED_SINCE",
    "NOTHING_LEFT",
    "OVERTURNED",
    "OWN_PICTURES",
    "RELAY_SEES",
    "REVIEW",
    "SENDABLE",
    "UPHELD",
    "WITHDRAWN",
    "cannot_check",
    "compared",
    "consequence",
    "explained",
    "explained_coarsely",
    "hidden",
    "key_changed",
    "key_looked_at",
    "key_noticed",
    "lasting",
    "lists_differ",
    "outcome",
    "status",
    "stopped",
    "thing",
    "time_of",
    "timer_set",
    "transferred",
    "unlisted",
    "unopened",
    "visible",
]

DEMO: Final = "Demo. Lists and pictures are synthetic. Nothing leaves this machine."
OWN_PICTURES: Final = "Your pictures, this machine only."
NOTHING_LEFT: Final = "Nothing left this device and no one was told."
HIDDEN: Final = "Hidden by your device. You don't have to open it. You can block the sender with /block."
WITHDRAWN: Final = "What it resembled is no longer listed."
BEGUN_ANEW: Final = (
    "This device was put back to an older state. What came after that state is not here, and messages that were on "
    "their way then are lost: ask for them again. It has thrown its old keys away and agrees on new ones with "
    "everybody; what waited here to be sent is sealed anew. Whoever was blocked after that state is blocked no more."
)
CHECKED_NOW: Final = "It can be checked now, and resembles no listed entry."
SENDABLE: Final = "You can send it with /send."
FILES_LET_GO: Final = (
    "What was attached to this was let go of, as it is after 30 days. Nothing was sent. Attach it once more."
)
LISTED_SINCE: Final = "It resembles something that was listed later. No one was told."
INFERRED: Final = (
    "What it can still infer: when something was sent, to which mailbox, how large it was in three sizes and a padded "
    "one, how often, and from which address (here always this machine)."
)

CHAT: Final = "What you send is checked on this device before it is sealed. The relay is not asked and not told."
RELAY_SEES: Final = (
    "The relay gets sealed envelopes. It can open none of them and is told no sender. What it can still infer: when "
    "something came for which mailbox, how large it was in three sizes and a padded one, how often, and from which "
    "network address you and others reach it. What this device stopped never came to it."
)
APPEAL: Final = (
    "Matching is approximate and lists can be wrong. Of 5,402 pairs of unrelated photographs in our test set none were "
    "taken for one another; screenshots that look alike were. That does not say how likely this one "
    "is a mistake. What you say here is kept "
    "encrypted on this device with the message. It is sent to nobody: somebody who sits at this device can look at it "
    "with /review. To review it, a person has to see the picture."
)
GROUNDS: Final = {
    Ground.OTHER_PICTURE: "It shows something else",
    Ground.WRONGLY_LISTED: "It should not be listed",
    Ground.SOMETHING_ELSE: "Something else is wrong",
}
REVIEW: Final = (
    "You are the reviewer now. What was stopped is shown below as it is. If it was stopped wrongly, this one message "
    "passes on this device, and no other. The list stays as it is, and other devices go by their own."
)
OVERTURNED: Final = "Reviewed on this device: it was stopped wrongly. This message passes here, and no other."
UPHELD: Final = "Reviewed on this device: it stays stopped."

_EVIDENCE: Final = {
    Evidence.MAILBOX: "The relay now gives out another key for the mailbox of {name}.",
    Evidence.CLAIM: "Somebody new writes under the mailbox of {name}. Nobody has shown that it is theirs.",
    Evidence.NAME: "Somebody new calls themselves {name}. Anybody can take a name.",
}
_MODES: Final = {
    Mode.OFF: "Everything passes; nothing is kept of what the check finds.",
    Mode.OBSERVE: "Everything passes; what the check finds is kept on this device.",
    Mode.WARN: "What resembles a listed entry is stopped; you can send it anyway.",
    Mode.HOLD: "What resembles a listed entry is stopped.",
}
_ALGORITHMS: Final = {
    "sha256": "SHA-256, exact copy",
    "sha1": "SHA-1, exact copy",
    "md5": "MD5, exact copy",
    "pdq": "PDQ, 256 bits",
    "film": "PDQ of a film's frames, 256 bits",
    "ahash": "aHash, 64 bits, which match by chance",
    "phash": "pHash, 64 bits, which match by chance",
    "dhash": "dHash, 64 bits, which match by chance",
    "whash": "wHash, 64 bits, which match by chance",
}
_GAUGES: Final = frozenset({"Distance", "Entry", "In common", "Looked at", "Detail"})
_FAILURES: Final = {
    OnFailure.OPEN: "What cannot be checked passes.",
    OnFailure.CLOSED: "What cannot be checked is stopped.",
}


def stopped(found: Match | Unreadable, *, what: str = "picture") -> str:
    """What the card says when something was about to be sent."""
    match found:
        case Match(span=(_, _)):
            return (
                f"This was not sent. A link in it leads to a page or a site that is listed on {found.list_name}. "
                f"A listed site stands for all of its pages, so this can be wrong. {NOTHING_LEFT}"
            )
        case Match():
            return (
                f"This {what} was not sent. It resembles an entry on the list {found.list_name}. "
                f"Matching is approximate and can be wrong. {NOTHING_LEFT}"
            )
        case Unreadable():
            return f"This was not sent. It could not be checked: {found.reason.value}. {NOTHING_LEFT}"


def hidden(found: Verdict, policy: Policy, *, revealable: bool) -> str:
    """What the card says of something that arrived and is not shown. `revealable`: whether the gate would show it."""
    then = "You can look at it, if you want to." if revealable else f"The policy {policy.mode} keeps it hidden."
    return f"{HIDDEN} It {outcome(found)}. {then} No one was told."


def cannot_check(lists: ListSet, policy: Policy) -> str:
    """Why the check cannot run, and what follows; empty where it can."""
    if not lists.problems:
        return ""
    why = lists.problems[0].reason.value
    if not policy.stops:
        return f"The check cannot run: {why}. The policy {policy.mode} stops nothing anyway."
    if policy.on_failure is OnFailure.CLOSED:
        return f"The check cannot run: {why}. Texts pass; files and links are stopped until it can."
    return f"The check cannot run: {why}. Files and links pass unchecked until it can."


def thing(found: Match | Unreadable) -> str:
    """What it is that was checked, in a word, as far as the check tells."""
    if not isinstance(found, Match) or found.look == "exact":
        return "file"
    return "film" if found.overlap is not None or found.look.startswith(WITHIN_FILM) else "picture"


def outcome(verdict: Verdict) -> str:
    """One line for a conversation."""
    match verdict:
        case Match(span=(_, _)):
            return f"has a link that is listed on {verdict.list_name}"
        case Match():
            return f"resembles an entry on the list {verdict.list_name}"
        case Unreadable():
            return f"could not be checked: {verdict.reason.value}"
        case Clear(limits) if limits:
            return "not fully checked: " + "; ".join(limit.value for limit in limits)
        case Clear():
            return "resembles no listed entry"


def key_changed(change: KeyChange, name: str, *, was_verified: bool) -> str:
    """What the card says when a known person seems to have a new key."""
    verified = f" You had compared the safety number of the {visible(name)} you know; it says nothing about this key."
    return (
        f"{_EVIDENCE[change.evidence].format(name=visible(name))} Either they set up their device anew, or somebody "
        f"else stands in their place. This device cannot tell.{verified if was_verified else ''} Nothing you write "
        "to the new key leaves before you have looked. Ask them, but not over this chat, and compare the safety number."
    )


def compared(found: Comparison, name: str) -> str:
    """What came of scanning the other person's screen."""
    who = visible(name)
    match found:
        case Comparison.SAME:
            return f"The same on both sides: nobody stands between you and {who}. Marked as verified."
        case Comparison.DIFFERENT:
            return (
                f"NOT the same. The device you scanned and this one hold different keys: either it is not that of "
                f"{who}, or somebody stands between you. Don't send anything that matters."
            )
        case Comparison.NO_CODE:
            return "This is no safety code, or only part of one. Scan it again."
        case Comparison.NEWER:
            return "This code was made by a newer Foreseal. Compare the digits, or update this one."


def key_noticed(change: KeyChange, name: str, *, was_verified: bool) -> str:
    """The line that stays in both conversations."""
    mark = " The verified mark does not hold for it." if was_verified else ""
    return f"New key. {_EVIDENCE[change.evidence].format(name=visible(name))}{mark}"


def key_looked_at() -> str:
    """The line that stays when the person lets messages go to the new key."""
    return "You looked at the new key. Messages go to it now. It is not verified before its safety number is compared."


def unlisted(problem: MatcherError) -> str:
    """Why a file cannot be put on a list of pictures."""
    if isinstance(problem, Undecodable) and problem.reason is Reason.NOT_A_PICTURE:
        return "its bytes are no picture."
    return f"{problem}."


def lists_differ(found: Judgement, name: str, list_name: str) -> str:
    """The line that stays in a conversation when two people's lists do not fit together."""
    if found is Judgement.SPLIT_VIEW:
        return (
            f"The public log of the list {visible(list_name)} has shown you and {visible(name)} two different "
            "histories, and signed both. One of you may be checked against a list that nobody else sees. The proof is "
            "kept on this device. Tell each other, and others who use this list."
        )
    return (
        f"You and {visible(name)} have different lists under the name {visible(list_name)}, although the public log "
        "has one. Compare what `foreseal list info` says of both."
    )


def unopened(name: str) -> str:
    """What the conversation says when something could not be opened."""
    return (
        f"Something arrived in {name}'s name that this device could not open. The two devices agree on new keys by "
        "themselves. If you miss a message, ask for it to be sent again."
    )


def timer_set(name: str, seconds: int) -> str:
    """The line that stays when the timer of a conversation is changed. `name`: who changed it, empty for this person;
    `seconds`: 0 for never."""
    who = visible(name) or "You"
    if not seconds:
        return f"{who} set messages to stay. What was written before still goes in its time."
    return (
        f"{who} set messages to disappear {lasting(seconds)} after they were sent, and here after they were read. "
        "A modified client can keep them."
    )


def time_of(at: int) -> str:
    """A moment of today or later, on this device's clock. `at`: seconds since 1970."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def lasting(seconds: int) -> str:
    """A time that messages stay, in the largest unit that fits."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def consequence(policy: Policy) -> str:
    """What a policy does, in two sentences. Under `off` and `observe` nothing is stopped, checked or not."""
    if not policy.stops:
        return _MODES[policy.mode]
    return f"{_MODES[policy.mode]} {_FAILURES[policy.on_failure]}"


def status(policy: Policy, facts: tuple[ListFacts, ...], lists: ListSet, last_check_ms: float | None) -> str:
    """The status line: policy, what follows a failure, list and last check's cost, at all times."""
    parts = [f"check: {policy.mode}, {policy.on_failure}"]
    parts += [f"list {f.name}-{f.version} ({_entries(f.entries)}, {f.age_days} d)" for f in facts]
    parts += [f"PROBLEM: {problem.reason.value}" for problem in lists.problems]
    if last_check_ms is not None:
        parts.append(f"{last_check_ms:.1f} ms")
    return " - ".join(parts)


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def explained(verdict: Verdict, cost: Cost | None) -> list[tuple[str, str]]:
    """The rows of "why" for one check, as the demo and the study show them: with distance and entry id. `cost`: what
    that check was made against, and what it took."""
    rows = [("Outcome", outcome(verdict))]
    if isinstance(verdict, Match):
        rows += [*_found(verdict), ("Entry", _entry(verdict.entry))]
    if isinstance(verdict, Unreadable) and verdict.detail:
        rows.append(("Detail", visible(verdict.detail)))
    if cost is not None:
        rows += [("List", visible(name)) for name in cost.lists]
        rows += [("Took", f"{cost.ms:.1f} ms on this device"), ("Compared", _compared(verdict, cost.entries))]
    rows.append(("Left this device", "nothing because of the check; the relay was not asked"))
    return rows


def explained_coarsely(verdict: Verdict, cost: Cost | None) -> list[tuple[str, str]]:
    """The rows of "why" outside the demo and the study: nothing that would say how near something was, or to what."""
    return [(name, value) for name, value in explained(verdict, cost) if name not in _GAUGES]


def _entry(entry: Entry) -> str:
    known = [visible(entry.category), f"from {visible(entry.source)}"]
    if entry.added is not None:
        known.append(f"listed since {entry.added}")
    if entry.disputed:
        known.append("disputed")
    return f"{entry.id} ({', '.join(known)})"


def _found(match: Match) -> list[tuple[str, str]]:
    if match.span is not None:
        start, end = match.span
        return [
            ("Algorithm", "SHA-256 of the link, or of the folder or site that it lies in"),
            ("Where", f"characters {start + 1} to {end} of the text"),
        ]
    common = match.overlap
    return [
        *([] if common is None else [("In common", str(common))]),
        ("Algorithm", _ALGORITHMS.get(match.entry.algorithm, visible(match.entry.algorithm))),
        ("Distance", f"{_bar(match.distance, match.limit)} {match.distance} of at most {match.limit} bits"),
        ("Looked at", match.look),
    ]


def _compared(verdict: Verdict, entries: int) -> str:
    match verdict:
        case Unreadable():
            return "Nothing could be compared."
        case Match(span=(_, _)):
            return f"Your device compared digests of the link with {entries:,} entries."
        case Match(look="exact") | Clear(limits=(Reason.OTHER_KIND | Reason.FEATURELESS, *_)):
            return f"Your device compared the digest of the file with {entries:,} entries."
        case Clear(limits=(Reason.POLICY_OFF, *_)):
            return "Nothing is kept of what was compared."
        case Match(look="film"):
            return f"Your device compared fingerprints of the film's frames with {entries:,} entries."
        case Match():
            return f"Your device compared a fingerprint of the picture with {entries:,} entries."
        case Clear():
            what = "pictures and films by their fingerprints, files and links by their digests"
            return f"Your device compared what is in it with {entries:,} entries: {what}."


def transferred(direction: Direction, done: int, total: int) -> str:
    """How far attachments have come."""
    way = "sending" if direction is Direction.OUT else "fetching"
    return f"{way} {_bar(done, total)} {done / 1e6:.1f} of {total / 1e6:.1f} MB"


def _bar(distance: int, limit: int, width: int = 16) -> str:
    filled = 0 if limit == 0 else round(width * distance / limit)
    return "█" * filled + "░" * (width - filled)
