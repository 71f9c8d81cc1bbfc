"""What it catches: by edit, by fingerprint, by kind of look, and with parts of pictures on the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from foreseal_client.study import figures
from foreseal_client.study.catches import DISTANCE, LISTED
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.recall import ALL_EDITS, LENGTH
from foreseal_client.study.found.strangers import RESEMBLES
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.sections.section import NOT_THE_WORLD, SHARE_FOUND, Found, Section
from foreseal_client.study.tables import chosen, one_of, share
from foreseal_client.study.ways import FAMILIES, SETS, beside_plain, with_parts
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["what_it_catches", "what_looks_bring"]

_PUBLISHED: Final = "published limit"
_TUNED: Final = "limit fixed on the tuning half"
_WAYS: Final = ("plain", *(beside_plain(family) for family in FAMILIES), "quick", "full", *map(with_parts, SETS))


def what_it_catches(found: Found, samples: Sequence[Sample]) -> Section | None:
    """Recall by edit and set of looks, and by fingerprint; None without it."""
    pdq = [one for one in chosen(found, "recall", fingerprint="pdq", of=_PUBLISHED) if one.looks in SETS]
    if not pdq:
        return None
    edits = [edit for edit in dict.fromkeys(one.name for one in pdq) if edit != ALL_EDITS]
    by_looks = {(one.name, one.looks): one for one in pdq}
    rows = [(edit, *(share(by_looks.get((edit, looks))) for looks in SETS)) for edit in (*edits, ALL_EDITS)]
    whole = chosen(found, "recall", name=ALL_EDITS, looks="plain")
    rows += [
        (f"{one.fingerprint}, plain, {one.of}, {one.limit} bits", share(one), "", "")
        for of in (_PUBLISHED, _TUNED) for one in whole if one.of == of
    ]  # fmt: skip
    return Section(
        "What does it catch?",
        f"Of copies of listed photographs, changed in {len(edits)} ordinary ways, each as often, the quick looks find "
        f"{share(by_looks.get((ALL_EDITS, 'quick')))} within 31 of 256 bits; what they find depends on the change more "
        "than on anything else.",
        {
            "recall": figures.dots([(one.name, f"{one.looks} looks", one) for one in pdq], SHARE_FOUND),
            "distances": figures.histogram(_distances(samples, "pdq", "quick"), "bits, quick looks", 31),
            "distances of other fingerprints": figures.histograms(
                [
                    (name, _distances(samples, name, "plain"), FINGERPRINTS[name].limit, FINGERPRINTS[name].bits)
                    for name in COMPARED[1:]
                ]
            ),
        },
        ("edit", *SETS),
        rows,
        (
            NOT_THE_WORLD,
            "Edits are a fixed menu. Nobody knows how often people make which of them, so that the mean is one of "
            "the menu. Nothing was searched for that passes.",
            "Intervals (Wilson) count each photograph once; those of the mean come from drawing photographs anew.",
            "The other fingerprints have 64 bits: among millions of entries they match by chance.",
        ),
    )


def what_looks_bring(found: Found, _: Sequence[Sample]) -> Section | None:
    """The plain look beside each kind of other looks; and a list that holds parts of each picture too."""
    means = {
        one.looks: one for one in chosen(found, "recall", name=ALL_EDITS, fingerprint="pdq", of=_PUBLISHED)
    }  # fmt: skip
    length = one_of(found, "recall", name=LENGTH)
    if not means or length is None:
        return None
    by_edit = {
        (one.looks, one.name): one for one in chosen(found, "recall", fingerprint="pdq", of=_PUBLISHED)
    }  # fmt: skip
    mistaken = {
        one.looks: one for one in chosen(found, "strangers", name=RESEMBLES, fingerprint="pdq", of=_PUBLISHED)
    }  # fmt: skip
    crops = [edit for edit in dict.fromkeys(one.name for one in by_edit.values()) if edit.startswith("cropped")]
    kinds = ("mirrored", "border 5 %", "screenshot", *crops[:1], *crops[-1:])
    shown = [edit for edit in dict.fromkeys(kinds) if ("plain", edit) in by_edit]
    plain, parts = means["plain"], means.get(with_parts("full"))
    rows = [
        (
            looks,
            *(share(one) for one in (means[looks], mistaken.get(looks))),
            *(share(by_edit.get((looks, edit))) for edit in shown),
        )
        for looks in _WAYS
        if looks in means
    ]
    return Section(
        "What do more looks bring, and what a longer list?",
        f"Plain looks find {share(plain)} of the menu, full ones {share(means.get('full'))}. With 18 parts of each "
        f"picture listed too, {LISTED} go from 1 to {length.value:.1f} a picture and full looks find {share(parts)}.",
        {"looks": figures.dots([(looks, "", means[looks]) for looks in _WAYS if looks in means], SHARE_FOUND)},
        ("looks", "found of the menu", "mistaken for another photograph", *shown),
        rows,
        (
            "A kind of look beside the plain one is a part of the full set; no policy can pick it alone. Most kinds "
            "look at the mirror image as well.",
            "Parts on the list find crops that were foreseen: of a twentieth and of a tenth, at a side, at a corner or "
            "all around.",
            "Whether more entries stop more harmless pictures was measured among these photographs alone.",
        ),
    )


def _distances(samples: Sequence[Sample], fingerprint: str, looks: str) -> list[tuple[str, list[float]]]:
    asked = [one for one in samples if (one.fingerprint, one.looks) == (fingerprint, looks)]
    copies = [one.number for one in asked if one.question == "recall" and one.measure == DISTANCE]
    others = [one.number for one in asked if one.measure.endswith("others")]
    return [("edited copies", copies), ("nearest other photograph", others)]
