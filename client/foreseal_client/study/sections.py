"""The sections of a report: one question each, with its answer, its figure, its table and what it cannot show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from foreseal_client.study import figures
from foreseal_client.study.cell import Sample
from foreseal_client.study.found import Finding
from foreseal_client.study.found.drift import LIMITS, MISSED
from foreseal_client.study.found.leaks import AUC, PADDING
from foreseal_client.study.found.recall import ALL_EDITS
from foreseal_client.study.found.strangers import NEAREST, PAIRS, RESEMBLES
from foreseal_client.study.tables import chosen, number, one_of, share, spread

__all__ = ["SECTIONS", "Section"]

_SHARE_FOUND: Final = "share found, 95 % interval"
_LOOKS: Final = ("plain", "quick", "full")
_PUBLISHED: Final = "published limit"
_TUNED: Final = "limit fixed on the tuning half"
_NOT_THE_WORLD: Final = "These photographs are not the world: another folder gives other figures."


@dataclass(frozen=True, slots=True)
class Section:
    """`figures`: name -> SVG. `limits`: what the figure cannot show, in sentences."""

    question: str
    answer: str
    figures: dict[str, str]
    head: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    limits: tuple[str, ...]


Found = Sequence[Finding]


def _recall(found: Found, samples: Sequence[Sample]) -> Section | None:
    pdq = chosen(found, "recall", fingerprint="pdq", of=_PUBLISHED)
    if not pdq:
        return None
    edits = [edit for edit in dict.fromkeys(one.name for one in pdq) if edit != ALL_EDITS]
    by_looks = {(one.name, one.looks): one for one in pdq}
    rows = [(edit, *(share(by_looks.get((edit, looks))) for looks in _LOOKS)) for edit in (*edits, ALL_EDITS)]
    names = list(dict.fromkeys(one.fingerprint for one in chosen(found, "recall", name=ALL_EDITS)))
    whole = chosen(found, "recall", name=ALL_EDITS)
    rows += [
        (f"{name}, plain, {of}, {one.limit} bits", share(one), "", "")
        for name in names for of in (_PUBLISHED, _TUNED)
        for one in whole if (one.fingerprint, one.looks, one.of) == (name, "plain", of)
    ]  # fmt: skip
    copies = [
        one.number for one in samples if one.question == "recall" and (one.fingerprint, one.looks) == ("pdq", "quick")
    ]
    others = [
        one.number
        for one in samples
        if one.measure.endswith("others") and (one.fingerprint, one.looks) == ("pdq", "quick")
    ]
    mean = by_looks.get((ALL_EDITS, "quick"))
    return Section(
        "What does it catch?",
        f"Of copies of listed photographs, changed in {len(edits)} ordinary ways, each as often, the quick looks find "
        f"{share(mean)} within 31 of 256 bits; what they find depends on the change more than on anything else.",
        {
            "recall": figures.dots([(one.name, f"{one.looks} looks", one) for one in pdq], _SHARE_FOUND),
            "distances": figures.histogram(
                [("edited copies", copies), ("nearest other photograph", others)], "bits, quick looks", 31
            ),
        },
        ("edit", "plain", "quick", "full"),
        rows,
        (
            _NOT_THE_WORLD,
            "Edits are a fixed menu. Nobody knows how often people make which of them, so that the mean is one of "
            "the menu. Nothing was searched for that passes.",
            "Intervals (Wilson) count each photograph once; those of the mean come from drawing photographs anew.",
        ),
    )  # fmt: skip


def _strangers(found: Found, samples: Sequence[Sample]) -> Section | None:
    asked = chosen(found, "strangers")
    if not asked:
        return None
    rows: list[tuple[str, ...]] = []
    for one in asked:
        if one.of == NEAREST:
            continue
        least = one_of(found, "strangers", name=one.name, of=NEAREST, fingerprint=one.fingerprint, looks=one.looks)
        near = "" if least is None or one.name == PAIRS else number(least.value)
        rows.append(
            (one.name, f"{one.fingerprint}, {one.looks}, {one.limit} bits", one.of, share(one), str(one.n), near)
        )
    kinds = [one for one in asked if one.of.startswith("stopped by")]
    longest = max((int(one.of.split()[2]) for one in kinds), default=0)
    drawn = [(one.name, f"{one.looks} looks", one) for one in kinds if one.of == f"stopped by {longest} entries"]
    photographs = one_of(found, "strangers", name="photographs", looks="quick", of=f"stopped by {longest} entries")
    said = (
        ""
        if photographs is None
        else f"{round(photographs.value * photographs.n)} of {photographs.n} harmless photographs"
    )
    bits = [one.number for one in samples if one.measure == f"nearest of {longest} entries" and one.looks == "quick"]
    return Section(
        "Whom does it hurt?",
        f"A list of {longest:,} entries made of parts of other photographs stopped {said} under the quick looks: "
        f"{share(photographs)} of them. What so few pictures can rule out is the higher figure and not zero.",
        {
            "stopped": figures.dots(drawn, "share stopped, 95 % interval", high=max(one.high for *_, one in drawn))
            if drawn else "",
            "nearest": figures.histogram([("harmless pictures", bits)], "bits to the nearest entry, quick looks", 31),
        },
        ("what", "how", "against", "share", "n", "nearest"),
        rows,
        (
            _NOT_THE_WORLD,
            "Where nothing was stopped the bound is 3 / n. Pairs share photographs: their intervals come from drawing "
            "photographs anew, and where no pair matched n is the pairs that can be made without using one twice.",
            f"{PAIRS.capitalize()} and {RESEMBLES} are of the judging half; limits were fixed on the other.",
            "Documents, chats, dark frames, settings and skies are drawn, and stand apart: they look alike by "
            "their making.",
            "A list of parts of photographs is natural pictures, and is not a list in use. A longer list stops more.",
        ),
    )  # fmt: skip


def _cost(found: Found, _: Sequence[Sample]) -> Section | None:
    asked = chosen(found, "cost")
    if not asked:
        return None
    rows = [
        (one.name, one.of if not one.of.startswith("ms") else f"{one.looks}: {one.of}",
         f"{one.n:,}", spread(one.interval) if one.low != one.high else number(one.value), one.note)
        for one in asked
    ]  # fmt: skip
    stages = ("plain look, whole", "quick looks, whole", "full looks, whole", "lookup")
    series = [
        (stage, points)
        for stage in stages
        if (
            points := sorted(
                (one.n, one.value) for one in asked if one.of == f"{stage}, CPU ms" and one.name.startswith("JPEG, 2")
            )
        )
    ]
    whole = next((one for one in asked if one.of == "quick looks, whole, CPU ms"), None)
    return Section(
        "What does it cost on the device?",
        f"Checking a picture of 2 megapixels under the quick looks took {number(whole.value) if whole else '-'} ms of "
        "CPU here.",
        {"cost": figures.lines(series, "entries on the list", "ms of CPU")} if series else {},
        ("what", "figure", "entries, or sends", "value", "note"),
        rows,
        (
            "A server or a laptop is not a phone. Read ratios within one run.",
            "CPU time stands in for energy; no battery was measured. A film is decoded in a process of its own, whose "
            "CPU is in the time by the clock alone.",
            "Random entries measure speed and nothing else. The policy off still makes a verdict, so that a send under "
            "it still looks; what a check takes by itself stands above it.",
        ),
    )


def _leaks(found: Found, _: Sequence[Sample]) -> Section | None:
    asked = chosen(found, "leaks", of=AUC)
    if not asked:
        return None
    held = one_of(found, "leaks", name="held from nothing", of=AUC)
    told = "-" if held is None else f"{held.value:.2f} ({held.low:.2f}-{held.high:.2f})"
    rows = [(one.name, AUC, f"{one.value:.2f} ({one.low:.2f}-{one.high:.2f})", str(one.n), one.note) for one in asked]
    rows += [(one.name, PADDING, number(one.value), str(one.n), "") for one in chosen(found, "leaks", of=PADDING)]
    return Section(
        "What does it give away?",
        f"Telling a held send from no send, by everything that is seen at the relay: {told}, where 0.5 is guessing and "
        "1 is knowing. Kinds that are sent can be told from each other as far as their sizes differ.",
        {"leaks": figures.dots([(one.name, "", one) for one in asked], "area under the ROC curve, 95 % interval")},
        ("which from which", "figure", "value", "trials", "note"),
        rows,
        (
            "The observer here sees both people's connections and knows when the sender acted. It sees bytes, counts "
            "and times, one send at a time, on one machine without a network between.",
            "It does not see the device. What a person does after a hold (waits, sends something else) is not in it.",
            "Exactly 0.50 means that no trial differed from any other in anything that was seen.",
        ),
    )


def _probing(found: Found, _: Sequence[Sample]) -> Section | None:
    asked = chosen(found, "probing")
    if not asked:
        return None
    best = max(asked, key=lambda one: one.value)
    return Section(
        "What can somebody find out who holds a client?",
        f"Up to {number(best.value)} guesses an hour and core, each confirmed or ruled out. Nobody can go through all "
        "fingerprints there are (2 to the power of 256); anybody can try the pictures they have.",
        {},
        ("guesses", "entries", "an hour"),
        [(one.name, f"{one.n:,}", number(one.value)) for one in asked],
        (
            "There is one mode in this version: the whole list lies on each device, so that its hashes can be read and "
            "tried without asking anybody. No limit on guesses could hold there.",
        ),
    )


def _drift(found: Found, _: Sequence[Sample]) -> Section | None:
    moved = chosen(found, "drift", of="bits moved, mean")
    if not moved:
        return None
    missed = {(one.name, one.limit): one for one in chosen(found, "drift", of=MISSED)}
    rows = [
        (one.name, spread(one.interval), one.note, *(share(missed.get((one.name, limit))) for limit in LIMITS))
        for one in moved
    ]
    worst = max(moved, key=lambda one: one.value)
    return Section(
        "What if the list was made by another program?",
        f"The same file through another decoder moves its fingerprint by {number(worst.value)} bits on average at the "
        f"most ({worst.name}).",
        {"drift": figures.dots([(one.name, "", one) for one in moved], "bits moved, mean", high=max(8.0, worst.high))},
        ("decoder", "bits moved", "", *(f"missed at {limit}" for limit in LIMITS)),
        rows,
        (
            "All of them are ways through one Pillow. Of another version, run the study with that one and compare "
            "the two.",
            "Copies are of a quarter of the size, looked at as they are.",
        ),
    )


def _safeguards(found: Found, _: Sequence[Sample]) -> Section | None:
    asked = chosen(found, "safeguards", of="stopped")
    if not asked:
        return None
    regimes = list(dict.fromkeys(one.looks for one in asked))
    took = {(one.name, one.looks): one.value for one in chosen(found, "safeguards", of="ms")}
    stopped = {(one.name, one.looks): one.value for one in asked}
    rows = [
        (name, *(f"{'stopped' if stopped[name, each] else 'sent'}, {number(took[name, each])} ms" for each in regimes))
        for name in dict.fromkeys(one.name for one in asked)
    ]
    return Section(
        "What does matching stop that nothing else does, and the other way round?",
        "The same script under each regime. What is new, and what is only written, passes all of them.",
        {},
        ("sent", *regimes),
        rows,
        (
            "Contact safeguards (requests from strangers, what young people can be sent) are not in this table yet, "
            "and neither is both together: the script sends between two people who know each other.",
            "Each was played once, on painted pictures. It shows what happens and not how often.",
        ),
    )


SECTIONS: Final[Sequence[Callable[[Found, Sequence[Sample]], Section | None]]] = (
    _recall, _strangers, _leaks, _probing, _cost, _drift, _safeguards,
)  # fmt: skip
"""In the order of the report; each is None where its question was not asked."""
