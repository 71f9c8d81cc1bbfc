"""How much of a film the matcher is willing to look at, and what looking at it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "CHECKING",
    "LISTING",
    "MAX_FILM_BYTES",
    "MAX_FILM_MEMORY",
    "MAX_FILM_PACKETS",
    "MAX_FILM_PIXELS",
    "MAX_FILM_SECONDS",
    "MAX_FILM_STREAMS",
    "MAX_KEY_GAP",
    "SAMPLE_EVERY_FRAMES",
    "Effort",
]

MAX_FILM_BYTES: Final = 128 * 1024 * 1024
"""Longest file, in bytes, that is looked at as a film: as much as an attachment can carry, and a little more."""
MAX_FILM_SECONDS: Final = 4 * 3600
"""Longest film, from the first frame to the last."""
MAX_FILM_PIXELS: Final = 36_000_000
"""Most pixels (width times height) of a frame: 7680 x 4320 are 33 million."""
MAX_FILM_STREAMS: Final = 16
"""Streams of all kinds (pictures, sound, subtitles) in one film."""
MAX_FILM_PACKETS: Final = 1_000_000
"""Frames that a film may be made of: four hours at 60 a second are 864,000."""
MAX_FILM_MEMORY: Final = 2 * 1024 * 1024 * 1024
"""Bytes of address space of the process in which a film is decoded, the film itself included."""
MAX_KEY_GAP: Final = 15
"""Seconds between two key frames up to which a film may be sampled by those alone. Encoders set one at least every
250 frames unless told otherwise, which is 10 seconds at 25 a second."""
SAMPLE_EVERY_FRAMES: Final = 60
"""Frames from one sampled frame to the next at most, whatever they say of their time: who sets one frame hours behind
the others does not spread the samples so thin that the others are passed over."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What may be spent on one film. `every`: milliseconds from one sampled frame to the next. `samples`: frames that
    are looked at, spread evenly over a film too long for that, and as many again where time and number of frames
    disagree. `pixels`: decoded in all; a film with more of them is sampled by its
    key frames. `cpu`, `wall`: seconds, after which it counts as too costly. `whole`: frames on
    which no other depends are decoded too, which takes twice as long and brings samples to their times exactly."""

    every: int
    samples: int
    pixels: int
    cpu: int
    wall: int
    whole: bool = False


CHECKING: Final = Effort(every=100, samples=400, pixels=8_000_000_000, cpu=60, wall=180)
"""Before something is sent or shown. Frames are taken closer together than on a list, because a clip begins anywhere
between two listed frames. `pixels`: two minutes of 1920 x 1080, or 18 of 640 x 360."""
LISTING: Final = Effort(every=1000, samples=1024, pixels=10**12, cpu=3600, wall=7200, whole=True)
"""When a film is put on a list, which is done once."""
