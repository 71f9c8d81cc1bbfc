"""The objects of a long array inside a JSON file, one after another, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, Final

from foreseal_matcher.lists.importing.records import Malformed

__all__ = ["objects_under"]

_CHUNK: Final = 64 * 1024
_MOST: Final = 1024 * 1024
"""Characters that one value may have: a record has some hundreds."""
_SPACE: Final = " \t\r\n"


def objects_under(file: IO[str], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects in the arrays that stand under one of these names in the outermost object. Raises `Malformed`."""
    reader = _Reader(file)
    reader.expect("{")
    if reader.peek() == "}":
        return
    while True:
        name = reader.value()
        reader.expect(":")
        if name in names and reader.peek() == "[":
            yield from _objects(reader)
        else:
            reader.value()
        if reader.next() == "}":
            break
    if reader.peek():
        raise Malformed("something follows the end of the JSON")


def _objects(reader: _Reader) -> Iterator[dict[str, Any]]:
    reader.expect("[")
    if reader.peek() == "]":
        reader.expect("]")
        return
    while True:
        found = reader.value()
        if not isinstance(found, dict):
            raise Malformed("is not a JSON object")
        yield found
        if reader.next("]") == "]":
            return


class _Reader:
    """A text and where one is in it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def expect(self, sign: str) -> None:
        found = self.peek()
        if found != sign:
            raise Malformed(f"expected {sign!r} and found {found or 'the end'!r}")
        self._at += 1

    def next(self, end: str = "}") -> str:
        """Takes the comma or the end that stands behind a value."""
        found = self.peek()
        if found not in (",", end) or not found:
            raise Malformed(f"expected ',' or {end!r} and found {found or 'the end'!r}")
        self._at += 1
        return found

    def value(self) -> object:
        """Takes one value."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise Malformed("is nested too deeply") from error
            except ValueError as error:
                # Cut off at the end of what was read, or wrong: only more of it tells.
                if not self._more():
                    raise Malformed(f"is not JSON: {error}") from error
                continue
            # A number at the end of what was read may go on behind it.
            if end < len(self._text) or not self._more():
                self._at = end
                return found

    def _more(self) -> bool:
        rest = self._text[self._at :]
        if len(rest) > _MOST:
            raise Malformed(f"has more than {_MOST} characters")
        # Twice as much each time, so that a long value is not begun again for each piece of it.
        chunk = self._file.read(max(_CHUNK, len(rest)))
        self._text, self._at = rest + chunk, 0
        return bool(chunk)
