"""Options that several measurements take."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

__all__ = ["CSV", "JSON", "PHOTOS", "SEED", "WORK"]

SEED: Final = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Makes a run repeatable."
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
CSV: Final = click.option("--csv", "as_csv", is_flag=True, help="Lines of name and value.")
WORK: Final = click.option(
    "--work", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where files are made; on a disk."
)
PHOTOS: Final = click.option(
    "--photos", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Photographs, all distinct; of people none.",
)  # fmt: skip
