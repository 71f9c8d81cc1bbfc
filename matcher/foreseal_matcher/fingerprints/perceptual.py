"""The fingerprints that the `imagehash` package computes: aHash, pHash, dHash, wHash and the crop-resistant one.

They stand beside PDQ for comparing, for lists that hold nothing else, and for measuring. 64 bits are few: against
millions of entries they match by chance, and pictures that are not alike meet more often than chance says
(docs/measuring.md has both). No policy uses one unless it is asked to.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from foreseal_matcher.errors import NotInstalled
from foreseal_matcher.fingerprints.fingerprint import Taken
from foreseal_matcher.fingerprints.pdq import distance, pdq

if TYPE_CHECKING:
    from PIL import Image

    from foreseal_matcher.looks import Pictured

__all__ = ["FAMILY", "SEGMENT_BYTES", "CropResistant", "Perceptual"]

BITS: Final = 64
SEGMENT_BYTES: Final = BITS // 8
"""Bytes of one segment's fingerprint in a crop-resistant one."""

_PACKAGE: Final = "computed by github.com/JohannesBuchner/imagehash"
_LOOKS_LIKE_IT: Final = "N. Krawetz, Looks Like It, hackerfactor.com, 2011"
_KIND_OF: Final = "N. Krawetz, Kind of Like That, hackerfactor.com, 2013"
_WAVELET: Final = "D. Petrov, Wavelet image hash in Python, fullstackml.com, 2016, with aHash's limit"
_SEGMENTS: Final = "M. Steinebach, H. Liu, Y. Yannikos, Efficient Cropping-Resistant Robust Image Hashing, ARES 2014"


@dataclass(frozen=True, slots=True)
class Perceptual:
    """A fingerprint of 64 bits. `function`: what the package calls it. Distances are in bits, 0..64."""

    name: str
    limit: int
    source: str
    function: str
    bits: int = BITS

    def of(self, picture: Pictured) -> Taken:
        """Of the picture's luma. A picture with too little in it for PDQ (quality under 50) is not telling here
        either: all of one colour have one fingerprint. Raises `NotInstalled`."""
        computed = getattr(_package(), self.function)(_image(picture))
        return Taken(_bytes_of(computed), pdq(picture.luma, picture.full).telling)

    def distance(self, one: bytes, other: bytes) -> float:
        """In how many bits they differ, 0..64."""
        return distance(one, other)

    def matches(self, one: bytes, other: bytes) -> bool:
        """Whether they differ in at most `limit` bits."""
        return distance(one, other) <= self.limit


@dataclass(frozen=True, slots=True)
class CropResistant:
    """The dHash of each bright or dark segment of a picture, 8 bytes each one after another. It takes seconds, and is
    no kind of entry: one segment of 64 bits in common, up to a quarter of them different, is a match."""

    name: str = "crop-resistant"
    bits: int = BITS
    limit: int = BITS // 4
    source: str = f"{_SEGMENTS}, doi:10.1109/ARES.2014.85; {_PACKAGE}"

    def of(self, picture: Pictured) -> Taken:
        """Of the segments of the picture's luma, in the package's order. Raises `NotInstalled`."""
        found = _package().crop_resistant_hash(_image(picture)).segment_hashes
        return Taken(b"".join(map(_bytes_of, found)), pdq(picture.luma, picture.full).telling)

    def distance(self, one: bytes, other: bytes) -> float:
        """As the package defines it: how many segments of the first have none like them in the second, and a share of
        1 more for how far those that have one are from it. 0 to the number of segments of the first."""
        return float(_segments(one) - _segments(other))

    def matches(self, one: bytes, other: bytes) -> bool:
        """Whether any segment of the first is within `limit` bits of one of the second."""
        return bool(_segments(one).matches(_segments(other)))


FAMILY: Final = (
    Perceptual("ahash", 5, f"{_LOOKS_LIKE_IT}; {_PACKAGE}", "average_hash"),
    Perceptual("phash", 5, f"{_LOOKS_LIKE_IT}; {_PACKAGE}", "phash"),
    Perceptual("dhash", 10, f"{_KIND_OF}; {_PACKAGE}", "dhash"),
    Perceptual("whash", 5, f"{_WAVELET}; {_PACKAGE}", "whash"),
)
"""The fingerprints of 64 bits that a list can hold."""


def _package() -> ModuleType:
    try:
        # Imported here because it brings SciPy and PyWavelets, which a check with PDQ never needs.
        import imagehash
    except ImportError as error:
        raise NotInstalled("imagehash is not installed; it comes with foreseal[client]") from error
    package: ModuleType = imagehash
    return package


def _image(picture: Pictured) -> Image.Image:
    from PIL import Image

    rows, columns = picture.luma.shape or (0, 0)
    return Image.frombytes("L", (columns, rows), picture.luma.tobytes())


def _bytes_of(computed: object) -> bytes:
    """The package prints 64 bits as 16 hex digits."""
    return bytes.fromhex(str(computed))


def _segments(bits: bytes) -> Any:
    """The package's own value, which knows its distance."""
    hexed = ",".join(bits[at : at + SEGMENT_BYTES].hex() for at in range(0, len(bits), SEGMENT_BYTES))
    return _package().hex_to_multihash(hexed)
