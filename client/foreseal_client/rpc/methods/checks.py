"""Methods for the check alone, and for what it is made against."""

from __future__ import annotations

from foreseal_client import words
from foreseal_client.draft import Draft
from foreseal_client.ledger.lines import Course
from foreseal_client.rpc.attaching import attached
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.methods.messages import OfMessage
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import ListView, PolicyView, VerdictView, View, list_view, policy_view, verdict_view
from foreseal_client.store import State
from foreseal_matcher import Held, Match, Mode, OnFailure, Policy, Unreadable, decide, screen

__all__ = ["Checked", "Explained", "Lists", "SetPolicy", "wanted_policy"]


class CheckAttachment(OfAccount, frozen=True):
    """`attachment`: a path, or `data:TYPE;filename=NAME;base64,...`."""

    attachment: str


class CheckLink(OfAccount, frozen=True):
    """`link`: an address, or a text with addresses in it."""

    link: str


class SetPolicy(OfAccount, frozen=True):
    """Each may be left out: then it stays."""

    mode: Mode | None = None
    on_failure: OnFailure | None = None


class Checked(View, frozen=True):
    """What a check finds, and whether the policy would hold it. Nothing was sent."""

    verdict: VerdictView
    held: bool
    milliseconds: float | None


class Explained(View, frozen=True):
    """Why a message was held or withheld, in words fit to show."""

    text: str
    verdict: VerdictView
    lists: tuple[str, ...]
    entries: int
    milliseconds: float | None


class Problem(View, frozen=True):
    """A list that cannot be used."""

    reason: str
    detail: str


class Lists(View, frozen=True):
    """The lists in use, and what is wrong with others."""

    lists: tuple[ListView, ...]
    problems: tuple[Problem, ...]


@method("checkAttachment")
async def check_attachment(service: Service, params: CheckAttachment) -> Checked:
    """Check a file as sending it would, and send nothing."""
    account = service.account(params.account)
    draft = Draft("", await attached((params.attachment,), account.device))
    try:
        return await _checked(draft, service, params.account)
    finally:
        account.device.discard(draft)


@method("checkLink")
async def check_link(service: Service, params: CheckLink) -> Checked:
    """Check an address as sending it would, and send nothing."""
    return await _checked(Draft(params.link), service, params.account)


@method("explainMatch")
async def explain_match(service: Service, params: OfMessage) -> Explained:
    """Say why a message was stopped or hidden, and what it was compared with."""
    account = service.account(params.account)
    message = account.message(params.id)
    if message.state is State.DELETED:
        raise RpcError(Code.USAGE, f"Message {params.id} was deleted: nothing is left that could be explained.")
    found, cost = message.verdict, message.cost
    if not isinstance(found, Match | Unreadable):
        raise RpcError(Code.USAGE, f"Message {params.id} {words.outcome(found)}.")
    text = words.HIDDEN
    if message.state is State.HELD:
        text = words.stopped(found, what=words.thing(found))
    view = verdict_view(found, detailed=account.detailed)
    if cost is None:
        return Explained(text, view, (), 0, None)
    return Explained(text, view, cost.lists, cost.entries, cost.ms)


@method("getPolicy")
async def get_policy(service: Service, params: OfAccount) -> PolicyView:
    """Say what follows a match, and what follows when the check cannot be made."""
    return policy_view(service.account(params.account).device.policy)


@method("setPolicy")
async def set_policy(service: Service, params: SetPolicy) -> PolicyView:
    """Tighten the policy, until this client ends. Nothing here loosens it."""
    device = service.account(params.account).device
    wanted = wanted_policy(device.policy, params)
    if Policy.tightest(device.policy, wanted) != wanted:
        raise RpcError(
            Code.REFUSED, f"The policy is {device.policy.mode}, {device.policy.on_failure}, and can only be tightened."
        )
    device.policy = wanted
    return policy_view(wanted)


@method("getListInfo")
async def get_list_info(service: Service, params: OfAccount) -> Lists:
    """Say which lists are in use, and which cannot be."""
    device = service.account(params.account).device
    lists = await device.newest_lists()
    problems = tuple(Problem(problem.reason.name.lower(), problem.detail) for problem in lists.problems)
    return Lists(list_view(lists.describe(device.date)), problems)


def wanted_policy(now: Policy, params: SetPolicy) -> Policy:
    """The policy with the parts that were given."""
    return Policy(params.mode or now.mode, params.on_failure or now.on_failure, now.looks, now.fingerprints)


async def _checked(draft: Draft, service: Service, wanted: str | None) -> Checked:
    account = service.account(wanted)
    device = account.device
    policy = device.policy
    screened, check = await device.measured(screen, draft, policy)
    decided, cost = decide(screened, policy), check.cost
    device.note_check(check, decided, Course.ASKED)
    view = verdict_view(screened.verdict, detailed=account.detailed)
    return Checked(view, isinstance(decided, Held), None if cost is None else cost.ms)
