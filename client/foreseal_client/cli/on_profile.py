"""Commands about one profile: opened, with what the environment asks for, and with faults told in words."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import plain
from foreseal_client.cli.unlocking import key_of

if TYPE_CHECKING:
    from foreseal_client.device import Device
    from foreseal_client.store import Contact

__all__ = ["contact_called", "explained", "opened_device"]


@contextmanager
def opened_device(folder: Path, key_file: Path | None) -> Iterator[Device]:
    """The device of a profile, without a connection."""
    from foreseal_client.cli.config import asked_in_files
    from foreseal_client.device import Device
    from foreseal_client.safeguards.asked import asked_in_environment
    from foreseal_matcher import ListSet, Mode, OnFailure, Policy

    with explained():
        key, policy = key_of(folder, key_file), Policy(Mode.HOLD, OnFailure.CLOSED)
        asked = asked_in_environment(os.environ)
        device = Device(folder, key, lists=ListSet.empty(), policy=policy, clock=time.time)
        device.asked = (asked, *asked_in_files())
        try:
            yield device
        finally:
            device.close()


def contact_called(name: str, device: Device) -> Contact:
    """Somebody this profile knows, by name or by the beginning of their identity key in hex. Raises `StoreError`, also
    where several are meant."""
    from foreseal_client.errors import StoreError

    everybody = device.store.people.all()
    found = [one for one in everybody if one.name == name] or [
        one for one in everybody if len(name) >= 8 and one.identity.hex().startswith(name.lower())
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(
            f"Nobody here is called {name}. Known are: {', '.join(one.name for one in everybody) or 'none'}."
        )
    keys = ", ".join(one.identity.hex()[:16] for one in found)
    raise StoreError(f"{len(found)} people here are called {name}. Write the beginning of a key instead: {keys}.")


@contextmanager
def explained() -> Iterator[None]:
    """Our faults' own words as the command's last line; nothing of a traceback."""
    from foreseal_client.errors import ClientError

    try:
        yield
    except ClientError as fault:
        raise click.ClickException(plain(str(fault))) from fault
    except OSError as fault:
        raise click.ClickException(plain(f"{fault.filename or 'A file'}: {fault.strerror}.")) from fault
