"""Every scenario that ships holds, step by step; and what a file or a step gets wrong is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypedDict, get_args

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.cli.demo import demo
from foreseal_client.demo import steps
from foreseal_client.demo.acts.carrying import carry_out, played
from foreseal_client.demo.scenario import Scenario, ScenarioError, named, parse, shipped
from foreseal_client.demo.scene import Scene, SceneError, Settled
from foreseal_client.demo.steps import AnyStep, Becomes
from foreseal_client.store import Ground
from foreseal_matcher import Mode, OnFailure
from stage_fixture import setting


class Said(TypedDict):
    say: str
    claim: str


SAID: Said = {"say": "Something is said.", "claim": "It holds."}
HEAD = 'name = "tried"\nnumber = 1\ntitle = "Tried"\nshows = "Nothing."\nlimits = "Everything."\n'
STEP = '\n[[step]]\ndo = "arrive"\nwho = "Carol"\nsay = "Carol comes."\nclaim = "She is there."\n'


@pytest.mark.parametrize("scenario", shipped(), ids=lambda one: one.name)
async def test_what_a_scenario_claims_holds(scenario: Scenario) -> None:
    settled = [one async for one in played(scenario)]
    assert [one.step.claim for one in settled if not one.held_up] == []
    assert len(settled) == len(scenario.steps)


def test_the_scenarios_have_names_places_and_files_of_their_own() -> None:
    scenarios = shipped()
    assert [one.number for one in scenarios] == list(range(1, len(scenarios) + 1))
    assert len({one.name for one in scenarios}) == len(scenarios) == 11
    folder = Path(steps.__file__).with_name("scenarios")
    assert {path.stem for path in folder.iterdir()} == {one.name for one in scenarios}


def test_every_word_of_the_vocabulary_is_used_by_a_scenario_that_ships() -> None:
    assert {type(step) for one in shipped() for step in one.steps} == set(get_args(AnyStep))


def test_a_scenario_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'held'.*known-picture-held"):
        named("held")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + STEP + "who = ", 12, "no TOML"),
        (HEAD, 1, "step"),
        (HEAD + STEP.replace("arrive", "vanish"), 8, "vanish"),
        (HEAD + STEP.replace("Carol", "Eve", 1), 9, "Eve"),
        (HEAD + STEP + 'mood = "glad"\n', 12, "mood"),
        (HEAD + STEP + STEP.replace("say", "speak"), 16, "speak"),
        (HEAD.replace("Tried", "") + STEP, 3, "length"),
        (HEAD.replace("number = 1", "number = true") + STEP, 2, "int"),
        (HEAD + STEP.replace('claim = "She is there."', 'claim = ""'), 11, "length"),
        (HEAD + STEP.replace('do = "arrive"\n', ""), 7, "do"),
        ("\x00", 1, "no TOML"),
        ("", 1, "missing"),
    ],
)
def test_a_bad_file_is_one_sentence_with_file_and_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ScenarioError) as fault:
        parse(text, "tried.toml")
    sentence = str(fault.value)
    assert sentence.startswith(f"tried.toml, line {line}: "), sentence
    assert said in sentence
    assert "\n" not in sentence


@given(st.text(max_size=200) | st.text(alphabet='[]="step\n\x00ado', max_size=200).map(lambda tail: HEAD + STEP + tail))
def test_whatever_a_file_holds_it_is_a_scenario_or_a_sentence(text: str) -> None:
    try:
        read: object = parse(text, "any.toml")
    except ScenarioError as fault:
        read = str(fault)
    assert isinstance(read, Scenario) or str(read).startswith("any.toml, line ")


def test_a_scenario_that_ships_reads_the_same_after_it_was_written_down() -> None:
    for one in shipped():
        assert msgspec.convert(msgspec.to_builtins(one), Scenario) == one


def test_the_list_names_them_all_as_json() -> None:
    ran = CliRunner().invoke(demo, ["--list", "--json"])
    assert [row["name"] for row in json.loads(ran.stdout)["scenarios"]] == [one.name for one in shipped()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--script", "nope"], "There is no scenario 'nope'"),
        (["--scenario", "nope"], "There is no scenario 'nope'"),
        (["--script", "group", "--list-picture", __file__, "--send", __file__], "brings its own pictures"),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(arguments: list[str], said: str) -> None:
    ran = CliRunner().invoke(demo, arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert ran.stdout == ""


def wrong() -> list[steps.AnyStep]:
    """Steps whose claims are false on a stage where nothing was done."""
    texts: tuple[Becomes, ...] = ("held", "held-unchecked", "moment", "withheld", "covered")
    compared: tuple[Literal["no difference", "told apart"], ...] = ("no difference", "told apart")
    files: tuple[Becomes, ...] = ("held", "withheld", "shown-unchecked")
    return [
        *(steps.Send(**SAID, who="Alice", to="Bob", text="hello", then=then) for then in texts),
        *(steps.Send(**SAID, who="Alice", to="Bob", picture="mountains", then=then) for then in files),
        steps.Compare(**SAID, pictures=("print/ochre", "print/blue"), at_least=1),
        steps.Compare(**SAID, pictures=("print/blue", "other-print/blue"), at_most=31),
        steps.Compare(**SAID, pictures=("still-life", "still-life/sent-on"), hues=90),
        steps.Compare(**SAID, pictures=("reef", "reef")),
        steps.Tighten(**SAID, who="Alice", mode=Mode.OFF, on_failure=OnFailure.OPEN, then="tighter"),
        steps.Search(**SAID, phrase="never said by anybody", found=True),
        steps.Search(**SAID, phrase="hello hello hello", found=True),
        steps.RelayHolds(**SAID, mailbox="Bob", envelopes=10_000),
        *(steps.ListsCompared(**SAID, who="Alice", other="Bob", then=then) for then in compared),
    ]


def impossible() -> list[steps.AnyStep]:
    """Steps that ask for somebody or something that is not there."""
    return [
        steps.Arrive(**SAID, who="Alice"),
        steps.Send(**SAID, who="Carol", to="Bob", text="hello", then="shown"),
        steps.Appeal(**SAID, who="Alice", ground=Ground.OTHER_PICTURE, text="mine"),
        steps.ReviewIt(**SAID, who="Alice", outcome="overturned", then="shown"),
        steps.GroupWrite(**SAID, who="Alice", text="hello", then="shown"),
        steps.Prepare(**SAID, pictures=()),
        steps.Update(**SAID, then="installed"),
        steps.AnotherList(**SAID, who="Bob", pictures=()),
        steps.ListsCompared(**SAID, who="Carol", other="Bob", then="told apart"),
        steps.Accept(**SAID, who="Alice", then="blocked"),
        steps.Search(**SAID, found=False),
    ]


async def test_every_claim_can_fail_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        scene = await Scene.on(stage, tmp_path)
        for step in wrong():
            assert not (await carry_out(step, scene)).held_up, step
        for step in impossible():
            with pytest.raises(SceneError):
                await carry_out(step, scene)


async def test_held_is_not_believed_when_a_byte_leaves_all_the_same(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        scene = await Scene.on(stage, tmp_path)
        await scene.give_list("Alice", ("still-life",))
        tap = stage.alice.tap
        leaking, real = iter(range(1000)), tap.passed
        tap.passed = lambda: real().__class__(real().connections, real().bytes + next(leaking), 0)  # type: ignore[method-assign]
        settled = await carry_out(steps.Send(**SAID, who="Alice", to="Bob", picture="still-life", then="held"), scene)
        assert isinstance(settled, Settled)
        assert not settled.held_up
        assert settled.evidence["became"] == "sent"
