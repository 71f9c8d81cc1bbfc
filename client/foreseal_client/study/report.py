"""`report.html`, the figures and the summary of a study: from its samples and its record, and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from foreseal_client.shown import counted
from foreseal_client.study.card import NOT_COUNTED, Card, Rate, Supposed, card
from foreseal_client.study.errors import unless_damaged
from foreseal_client.study.found import Finding, findings
from foreseal_client.study.found.finding import ENOUGH
from foreseal_client.study.found.recall import ALL_EDITS
from foreseal_client.study.journal import MEND_SAMPLES, SAMPLES, samples_in
from foreseal_client.study.record import lacking, record_in
from foreseal_client.study.sections import SECTIONS
from foreseal_client.study.summary import write_summary
from foreseal_client.study.tables import chosen, number, one_of, share

__all__ = ["REPORT", "card_of", "write_report"]

REPORT: Final = "report.html"
_FIGURES: Final = "figures"


def write_report(folder: Path, supposed: Supposed) -> tuple[Finding, ...]:
    """Leaves `report.html`, `summary.csv`, `summary.json` and `figures/*.svg` in a study's folder. The same samples and
    the same suppositions give the same bytes. Raises `StudyError` and `OSError`."""
    record, samples = record_in(folder), samples_in(folder)
    with unless_damaged(SAMPLES, MEND_SAMPLES):
        found = findings(samples, record["settings"]["seed"])
        sections = [section for make in SECTIONS if (section := make(found, samples)) is not None]
    write_summary(folder, found)
    (folder / _FIGURES).mkdir(exist_ok=True)
    for section in sections:
        for name, svg in section.figures.items():
            (folder / _FIGURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    page = Environment(
        loader=PackageLoader("foreseal_client.study", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("report.html.j2")  # fmt: skip
    recall, wrong = _rates(found)
    text = page.render(
        record=record,
        counts={one.name: number(one.value) for one in chosen(found, "photographs")},
        warnings=[*lacking(record, samples), *_warnings(found), *_unopened(record)],
        card=card_of(found, supposed, record["settings"]["seed"]),
        supposed=supposed,
        recall_said=share(recall),
        wrong_said=share(wrong),
        wrong_n=wrong.n if wrong else 0,
        not_counted=NOT_COUNTED,
        sections=sections,
        how=_how(record),
        number=number,
    )
    (folder / REPORT).write_text(text + "\n", encoding="utf-8")
    return found


def card_of(found: Sequence[Finding], supposed: Supposed, seed: int) -> Card | None:
    """The card, where recall and strangers were both measured."""
    recall, wrong = _rates(found)
    if recall is None or wrong is None:
        return None
    return card(Rate(recall.value * recall.n, recall.n), Rate(round(wrong.value * wrong.n), wrong.n), supposed, seed)


def _rates(found: Sequence[Finding]) -> tuple[Finding | None, Finding | None]:
    """What the quick looks find of the menu, and what they stop of harmless photographs by the whole list."""
    recall = one_of(found, "recall", name=ALL_EDITS, fingerprint="pdq", looks="quick", of="published limit")
    stopped = [one for one in chosen(found, "strangers", name="photographs", looks="quick") if one.limit >= 0]
    return recall, max(stopped, key=lambda one: int(one.of.split()[2]), default=None)


def _warnings(found: Sequence[Finding]) -> list[str]:
    judged = one_of(found, "photographs", name="of them judging")
    said = []
    if judged is not None and judged.value < ENOUGH:
        said.append(
            f"This folder is too small for a claim: {number(judged.value)} photographs are judged, and a share takes "
            f"{ENOUGH} at the least. Read what follows as a trial of the program."
        )
    for name in ("unreadable", "too little in them", "near-duplicates"):
        one = one_of(found, "photographs", name=name)
        if one is not None and one.value:
            said.append(f"Left out, {name}: {number(one.value)}. files.csv, beside this page, says which.")
    return said


def _unopened(record: Mapping[str, Any]) -> list[str]:
    folders = record.get("unopened", 0)
    if not folders:
        return []
    return [f"Not measured: what lies in {counted(folders, 'folder')} that cannot be opened. files.csv says which."]


def _how(record: Mapping[str, Any]) -> dict[str, str]:
    machine, photographs = record["machine"], record["photographs"]
    found = photographs.get("found", photographs["files"])
    drawn = "" if found == photographs["files"] else f" drawn from {found}"
    return {
        "when": f"{record['began']} to {record.get('ended', 'not ended')}",
        "machine": f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}, core {machine['core']}, load {machine['load']} as it began",
        "files": f"{photographs['files']}{drawn}, of them {photographs['copies']} with the bytes of another",
        "list of parts": f"{record['list']['entries']:,} entries" if "list" in record else "-",
        "random lists": ", ".join(f"{length:,}" for length in record["settings"]["lengths"]),
        "versions": ", ".join(f"{name} {version or '-'}" for name, version in sorted(record["versions"].items())),
    }
