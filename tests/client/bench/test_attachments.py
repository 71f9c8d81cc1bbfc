"""`foreseal bench attachments` measures what it says and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from foreseal_client.cli.bench import bench


def test_it_tells_sealing_opening_memory_and_both_floors(tmp_path: Path) -> None:
    ran = CliRunner().invoke(bench, ["attachments", "--mib", "8", "--rounds", "2", "--json", "--work", str(tmp_path)])
    told = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert (told["mib"], told["rounds"]) == (8, 2)
    speeds = ("seal_mib_s", "open_mib_s", "seal_cpu_mib_s", "open_cpu_mib_s")
    assert [name for name in speeds if not told[name] > 0] == []
    assert 0 <= told["memory_mib"] < 64
    assert set(told["floors"]) == {"secretstream_mib_s", "disk_mib_s"}
    assert list(tmp_path.iterdir()) == []
