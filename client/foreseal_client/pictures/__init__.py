"""Demo pictures, drawn by our own code: no photograph, no person, nothing that was ever on a real list.

`generate` paints one of `FAMILIES` from a seed; the same family, seed and size give the same bytes with the same
Pillow and numpy. `edit` re-saves a picture by one of a fixed menu of ordinary `EDITS`.
"""

from foreseal_client.pictures.edits import EDITS, Edit, edit, edited
from foreseal_client.pictures.families import DEFAULT_SIZE, FAMILIES, Format, generate

__all__ = ["DEFAULT_SIZE", "EDITS", "FAMILIES", "Edit", "Format", "edit", "edited", "generate"]
