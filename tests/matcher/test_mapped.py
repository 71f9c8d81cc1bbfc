"""Long files as memory: the bytes of the file, in large pages where the system has them."""

from __future__ import annotations

import errno
import mmap
import os
import re
from pathlib import Path

import pytest

from foreseal_matcher.index.mapped import MAPPED_FROM, contents


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long"
    path.write_bytes(os.urandom(4096) * (MAPPED_FROM // 4096 + 1))
    return path


def test_a_file_is_its_bytes_whether_it_is_copied_or_mapped(tmp_path: Path, long: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"short")
    assert bytes(contents(short)) == b"short"
    assert bytes(contents(long)) == long.read_bytes()


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").exists() or not hasattr(mmap, "MADV_HUGEPAGE"),
    reason="a system without large pages",
)
def test_a_long_file_is_asked_for_in_large_pages(long: Path) -> None:
    mapped = contents(long)
    told = Path("/proc/self/smaps").read_text(encoding="utf-8")
    (flags,) = re.findall(rf"{re.escape(str(long))}\n(?:(?![0-9a-f]+-).*\n)*?VmFlags: (.*)\n", told)
    assert "hg" in flags.split()  # proc_pid_smaps(5)
    mapped.release()


def test_where_a_system_has_no_large_pages_a_file_is_mapped_all_the_same(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Without(mmap.mmap):
        def madvise(self, option: int, start: int = 0, length: int = 0, /) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(mmap, "mmap", Without)
    assert bytes(contents(long)) == long.read_bytes()
