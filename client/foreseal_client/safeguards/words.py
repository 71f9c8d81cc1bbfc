"""Every sentence that a person reads about contact safeguards. It blames nobody, and says what left the device."""

from __future__ import annotations

from typing import Final

from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.newness import Moment, Reminder
from foreseal_client.safeguards.requests import Request
from foreseal_client.safeguards.settings import GroupAdds, Requests, Safeguards
from foreseal_client.shown import visible

__all__ = [
    "CHECK_THE_NUMBER", "EVIDENCE_KEPT", "NOT_LISTED", "PRESSURED", "PUBLIC", "asks", "blocked",
    "first_contacts_used_up",
    "moment", "not_opened", "passcode_wanted", "reminder", "request", "requests_waiting", "settings_lines",
]  # fmt: skip

PUBLIC: Final = (
    "This is public and not encrypted. Anybody can read it and copy it, also after you take it back. "
    "Anybody can write anything about themselves here."
)
NOT_LISTED: Final = "This profile cannot be put where strangers find people. Its safeguards do not allow it."
CHECK_THE_NUMBER: Final = "Numbers change. Check the number before relying on it."
EVIDENCE_KEPT: Final = (
    "What was written is kept on this device, sealed, with what proves who wrote it. Pictures and films are not "
    "copied; their fingerprints (SHA-256) are. Nothing left this device and no one was told."
)
PRESSURED: Final = (
    "Is somebody pressuring you?",
    "It is not your fault. You do not have to answer.",
    "You can talk to somebody now. The help lines are below.",
    "You can block the person. They are not told.",
    "You can keep what they wrote. It stays on this device until you hand it on.",
    "You do not have to send anything. You do not have to pay. If you did already, you can still get help.",
    "No passcode is needed for any of this. Nothing here is sent to anybody.",
)
"""What the way out says first, for everybody and in simple words."""
_REQUESTS: Final = {
    Requests.ANYONE: "People you do not know can ask to write to you. You see their words only, until you accept.",
    Requests.INVITED: "Only people you invited can write to you. Others are dropped unread.",
}
_GROUPS: Final = {
    GroupAdds.CONTACTS: "Your contacts can add you to groups.",
    GroupAdds.VERIFIED: "Only contacts whose safety number you compared can add you to groups.",
    GroupAdds.NOBODY: "Nobody can add you to groups.",
}


def requests_waiting(count: int) -> str:
    """All that is said unasked."""
    return "No message requests." if count == 0 else f"Message requests: {count}"


def asks(name: str) -> str:
    """That somebody who is no contact has written."""
    return f"{visible(name)} is not in your contacts. You can accept, block or leave it. They are not told which."


def request(one: Request) -> list[str]:
    """What the card of a request says, before what was written."""
    lines = [asks(one.name)]
    if one.resembles is not None:
        lines.append(f"They use the name of {visible(one.resembles)}, whom you know. Anybody can take a name.")
    if one.files:
        lines.append(f"Files that came with it: {one.files}. None was fetched or looked at.")
    if one.hidden:
        lines.append("Some of what they wrote is hidden: the check stopped it.")
    if one.shortened:
        lines.append("There is more text. You see all of it when you accept.")
    return lines


def moment(about: Moment, name: str) -> str:
    """Take a moment. It says nothing about what the files show, because nothing was looked at for it."""
    who = visible(name)
    since = (
        f"{who} is no contact of yours" if about.days is None else f"You have known {who} here for {_days(about.days)}"
    )
    if about.outgoing:
        return (
            f"Take a moment. {since}. What you send can be kept and shown to others. You can still change your mind. "
            "This card comes before every file to somebody new. Your file was not looked at for it. Nothing was sent."
        )
    return f"Take a moment. {since}. They sent files. You do not have to look at them. They are not told if you do not."


def reminder(about: Reminder, name: str) -> str:
    """Said once for each contact."""
    return (
        f"{visible(name)} became a contact {_ago(about.days)} and has sent a file or a link for the first time. "
        "Do you know who it is? You can ask them, compare the safety number, or block them. This is said once."
    )


def first_contacts_used_up(about: TooMany) -> str:
    """Why somebody cannot be written to first today."""
    return (
        f"You wrote to {about.today} new people today. This device allows {about.limit} a day. Nothing was sent. "
        "Your contacts can be written to as ever; tomorrow (UTC) there is room again."
    )


def blocked(name: str) -> str:
    """After a block on this device alone."""
    return f"{visible(name)} is blocked on this device. What they send is dropped unread. No relay was told."


def passcode_wanted(holder: str, loosened: tuple[str, ...]) -> str:
    """Before a passcode is asked for."""
    return (
        f"This would loosen: {', '.join(loosened)}. That takes the passcode, which is held by: {visible(holder)}. "
        "To make this profile safer takes none, and help takes none."
    )


def not_opened(wait: int) -> str:
    """After a passcode that does not open, or that was not even looked at. `wait`: seconds until the next try."""
    later = f" The next try is in {wait} seconds." if wait else ""
    return f"This is not the passcode, or too many were wrong. Nothing was changed.{later}"


def settings_lines(settings: Safeguards) -> list[str]:
    """What the settings mean, in sentences."""
    new, links = settings.moment_days, settings.plain_links_days
    return [
        _REQUESTS[settings.requests],
        _GROUPS[settings.groups],
        "You can be put in a directory." if settings.may_be_listed else "You cannot be put in a directory.",
        f"You can write first to {settings.first_contacts} new people a day.",
        f"Files to or from somebody new wait for a moment. New means {_days(new)}."
        if new
        else "Files to and from new contacts do not wait.",
        f"Links from somebody new cannot be opened. New means {_days(links)}."
        if links
        else "Links from contacts can be opened.",
        "Others can be told that you read or type, if you turn it on."
        if settings.may_send_receipts or settings.may_send_typing
        else "Nobody is told that you read or type.",
        "Messages can be set to disappear." if settings.may_disappear else "Messages do not disappear.",
    ]


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _ago(days: int) -> str:
    return "today" if days == 0 else f"{_days(days)} ago"
