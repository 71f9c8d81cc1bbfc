"""A face of the chat without a screen: it keeps what it was told, and answers cards as a script says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from foreseal_client.chat.card import Card, Reply
from foreseal_client.chat.desk import ChatDesk
from foreseal_client.events import Transferred
from foreseal_client.store import Message

__all__ = ["ScriptedFace"]


class ScriptedFace:
    """`answers`: by a card's title, the choices in turn; a card without one gets its safe choice."""

    def __init__(self, **answers: list[str | Reply]) -> None:
        self.answers: dict[str, list[str | Reply]] = {title.replace("_", " "): list(a) for title, a in answers.items()}
        self.said: list[str] = []
        self.cards: list[Card] = []
        self.drawn: list[Message] = []
        self.gone_ids: list[int] = []
        self.marked: Message | None = None
        self.given_back: list[str] = []
        self.desk: ChatDesk | None = None

    def will(self, title: str, *choices: str | Reply) -> None:
        """The next cards with this title are answered so."""
        self.answers.setdefault(title, []).extend(choices)

    async def until(self, so: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not so():  # noqa: ASYNC110 - the desk tells it by calls
                await asyncio.sleep(0.005)

    def titles(self) -> list[str]:
        return [card.title for card in self.cards]

    def card(self, title: str) -> Card:
        """The last card with this title."""
        return next(card for card in reversed(self.cards) if card.title == title)

    # --- the face -----------------------------------------------------------------------------------------------

    @property
    def opens_cards(self) -> bool:
        return True

    def say(self, text: str) -> None:
        self.said.append(text)

    def opened(self) -> None:
        self.drawn.clear()

    def message(self, message: Message) -> None:
        self.drawn.append(message)

    def gone(self, message: int) -> None:
        self.gone_ids.append(message)

    def people_changed(self) -> None: ...

    def status_changed(self) -> None: ...

    def transferred(self, event: Transferred) -> None: ...

    async def ask(self, card: Card) -> Reply:
        self.cards.append(card)
        waiting = self.answers.get(card.title, [])
        answer = waiting.pop(0) if waiting else card.safe
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        assert reply.choice in [choice.name for choice in card.choices], card
        return reply

    async def choose_file(self) -> Path | None:
        return None

    def selected(self) -> Message | None:
        return self.marked

    def give_back(self, text: str, span: tuple[int, int] | None = None) -> None:
        self.given_back.append(text)

    async def help(self) -> None: ...

    def older(self) -> None: ...

    def show(self, message: Message) -> None: ...

    def toggle_theme(self) -> None: ...

    def quit(self) -> None: ...
