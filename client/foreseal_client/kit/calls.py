"""Calls and events of one client, over a wire: who calls waits for the answer, and events pile up until asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from foreseal_client.kit.transcript import Transcript
from foreseal_client.kit.wires import Wire
from foreseal_client.rpc.methods.subscribing import Pushed
from foreseal_client.rpc.notices import MessageNotice
from foreseal_client.rpc.session import Ready

__all__ = ["CallError", "Calls"]

T = TypeVar("T")


class CallError(Exception):
    """The client answered with an error. `code`: see `foreseal rpc --spec`."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method}: {message} ({code})")
        self.code = code


class _Line(msgspec.Struct):
    id: int | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw(b"{}")
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: dict[str, Any] | None = None


class Calls:
    """Starts the client and waits for its `ready`. `patience`: seconds until a call that is not answered counts as
    hanging. Raises `TimeoutError`."""

    def __init__(self, name: str, wire: Wire, transcript: Transcript, patience: float) -> None:
        self.name = name
        self._wire = wire
        self._transcript = transcript
        self._patience = patience
        self._more = threading.Condition()
        self._answers: dict[int, _Line] = {}
        self._pushed: list[Pushed] = []
        self._ready: Ready | None = None
        self._last = 0
        wire.start(self._heard)
        self.ready: Ready = self._await(lambda: self._ready, patience, "ready")

    def call(self, method: str, params: dict[str, Any], kind: type[T]) -> T:
        """The result. Raises `CallError` or `TimeoutError`."""
        return self.result(self.begin(method, params), method, kind)

    def result(self, id: int, method: str, kind: type[T]) -> T:
        """The result of a request that was sent. Raises `CallError` or `TimeoutError`."""
        answer = self.answer_to(id)
        if answer.error is not None:
            raise CallError(method, answer.error["code"], answer.error["message"])
        return msgspec.json.decode(answer.result, type=kind)

    def begin(self, method: str, params: dict[str, Any]) -> int:
        """Sends a request without waiting; its id."""
        with self._more:
            self._last += 1
            id = self._last
        line = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        self._transcript.add(self.name, "call", line)
        self._wire.say(line + b"\n")
        return id

    def answer_to(self, id: int) -> _Line:
        """What came back. Raises `TimeoutError`."""
        return self._await(lambda: self._answers.pop(id, None), self._patience, f"an answer to call {id}")

    def say(self, line: bytes) -> None:
        """Sends a line as it is."""
        self._wire.say(line + b"\n")

    def take(self, wanted: Callable[[Pushed], T | None], timeout: float, what: str) -> T:
        """The first event that is wanted, taken out. Raises `TimeoutError`, which tells what came instead."""

        def find() -> T | None:
            for at, pushed in enumerate(self._pushed):
                found = wanted(pushed)
                if found is not None:
                    del self._pushed[at]
                    return found
            return None

        return self._await(find, timeout, what)

    def events(self) -> Sequence[Pushed]:
        """Those that nobody took."""
        with self._more:
            return tuple(self._pushed)

    def close(self) -> None:
        """Ends the client."""
        self._wire.close()

    def _await(self, find: Callable[[], T | None], timeout: float, what: str) -> T:
        until = time.monotonic() + timeout
        with self._more:
            while (found := find()) is None:
                left = until - time.monotonic()
                if left <= 0 or not self._more.wait(left):
                    came = "; ".join(_said(pushed) for pushed in self._pushed[-8:]) or "nothing"
                    raise TimeoutError(f"{self.name} waited {timeout:g} s for {what}. Not taken: {came}")
            return found

    def _heard(self, line: bytes) -> None:
        self._transcript.add(self.name, "said", line)
        try:
            said = msgspec.json.decode(line, type=_Line)
            ready = msgspec.json.decode(said.params, type=Ready) if said.method == "ready" else None
            pushed = msgspec.json.decode(said.params, type=Pushed) if said.method == "receive" else None
        except msgspec.MsgspecError:
            return  # somebody else's client may say more than we know; it stands in the transcript
        with self._more:
            if ready is not None:
                self._ready = ready
            elif pushed is not None:
                self._pushed.append(pushed)
            elif said.id is not None:
                self._answers[said.id] = said
            self._more.notify_all()


def _said(pushed: Pushed) -> str:
    event = pushed.result.event
    if isinstance(event, MessageNotice):
        message = event.message
        return f"message {message.id} {message.direction} {message.state} {message.text!r}"
    return msgspec.json.encode(event).decode()[:100]
