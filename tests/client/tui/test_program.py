"""What every program on a screen does when it fails."""

from __future__ import annotations

import pytest

from foreseal_client.tui.chat.app import ChatApp
from foreseal_client.tui.demo import DemoApp
from foreseal_client.tui.desk.app import DeskApp
from foreseal_client.tui.program import Program


class Failing(Program):
    CALLED = "It"

    def on_mount(self) -> None:
        held = "".join(("what ", "somebody ", "wrote"))
        raise ZeroDivisionError(len(held))


async def test_a_fault_is_told_without_what_the_program_held(capsys: pytest.CaptureFixture[str]) -> None:
    app = Failing()
    with pytest.raises(ZeroDivisionError):
        async with app.run_test():
            pass
    told = capsys.readouterr().err
    assert app.return_code == 1
    assert "It stopped by a fault of its own." in told
    assert "what somebody wrote" not in told


@pytest.mark.parametrize("app", [ChatApp, DemoApp, DeskApp])
def test_all_that_show_texts_are_such_programs(app: type[object]) -> None:
    assert issubclass(app, Program)
    assert vars(app).get("_fatal_error") is None
