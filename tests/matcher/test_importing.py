"""Importing: each format is read, what cannot be matched is counted, and what is malformed is named by its place."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_matcher.errors import ListNotWritten, SourceUnreadable
from foreseal_matcher.fingerprints.links import normalised
from foreseal_matcher.lists import ListedHash
from foreseal_matcher.lists.importing import FORMATS, read_file, recognised

PDQ, OTHER_PDQ, SHA256, SHA1, MD5 = "a1" * 32, "b2" * 32, "c3" * 32, "d4" * 20, "e5" * 16


def imported(path: Path, text: str | bytes, **options: str) -> tuple[list[ListedHash], Counter[str]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    skipped: Counter[str] = Counter()
    rows = list(read_file(path, skipped, category="c", source="s", **options))
    return rows, +skipped


def said(rows: list[ListedHash]) -> list[tuple[str, str, str, str]]:
    return [(row.entry.algorithm, row.value.hex(), row.entry.category, row.entry.source) for row in rows]


def vics(*media: dict[str, object]) -> str:
    return json.dumps({"@odata.context": "http://example.invalid/$metadata#Media", "value": media}, indent=1)


def ncmec(inside: str, before: str = "") -> str:
    space = 'xmlns="https://hashsharing.ncmec.org/hashsharing/v2"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<queryResult {space}>\n{inside}\n</queryResult>'


IMAGE = f"""<images count="1"><image><member id="42">Example Member</member><timestamp>2026-10-24T15:00:00Z</timestamp>
<id>image1</id><classification>A1</classification><fingerprints><md5>{MD5}</md5><sha1>{SHA1}</sha1><pdna>xx</pdna>
<pdq>{PDQ}</pdq></fingerprints></image></images>"""


# --- what each format says -----------------------------------------------------------------------------------------


def test_lines_of_hex_are_told_by_their_length_with_comments_and_columns_behind_a_comma(tmp_path: Path) -> None:
    text = f"# a list\n\n{PDQ}\n{SHA1.upper()},100,note\r\n  {MD5} # why\n"
    rows, _ = imported(tmp_path / "f.txt", text)
    assert said(rows) == [("pdq", PDQ, "c", "s"), ("sha1", SHA1, "c", "s"), ("md5", MD5, "c", "s")]


def test_lines_of_hex_are_of_the_kind_that_is_named(tmp_path: Path) -> None:
    rows, _ = imported(tmp_path / "f.txt", SHA256, kind="sha256")
    assert said(rows) == [("sha256", SHA256, "c", "s")]
    rows, _ = imported(tmp_path / "f.txt", "0123456789abcdef", kind="phash")
    assert rows[0].value == bytes.fromhex("0123456789abcdef")


def test_a_line_of_csv_is_an_entry_with_all_its_hashes(tmp_path: Path) -> None:
    text = (
        "pdq,md5,category,added,disputed,note,id\n"
        f'{PDQ},{MD5},"drawn, by hand",2026-10-31,yes,x,7\n'
        f"{OTHER_PDQ},,,,,,7\n"
        ",,,,,,9\n"
    )
    rows, skipped = imported(tmp_path / "f.csv", text)
    assert said(rows) == [
        ("pdq", PDQ, "drawn, by hand", "s"), ("md5", MD5, "drawn, by hand", "s"), ("pdq", OTHER_PDQ, "c", "s"),
    ]  # fmt: skip
    assert {row.entry.id for row in rows} == {7}
    assert (rows[0].entry.added, rows[0].entry.disputed) == (date(2026, 10, 31), True)
    assert skipped == {"lines without a hash": 1}


def test_frames_of_films_come_from_csv_with_their_times(tmp_path: Path) -> None:
    rows, _ = imported(tmp_path / "f.csv", f"film,time_ms,id\n{PDQ},0,1\n{OTHER_PDQ},1500,1\n")
    assert [(row.entry.algorithm, row.time_ms) for row in rows] == [("film", 0), ("film", 1500)]


def test_media_of_vics_are_entries_and_those_nobody_classified_are_none(tmp_path: Path) -> None:
    text = vics(
        {"Category": 1, "MD5": MD5.upper(), "SHA1": SHA1, "PhotoDNA": "x", "DateUpdated": "2026-06-07T02:31"},
        {"MediaID": 2, "Category": 0, "MD5": MD5},
        {"MediaID": 3, "Category": 2, "PhotoDNA": "x"},
    )  # fmt: skip
    rows, skipped = imported(tmp_path / "f.json", text)
    assert said(rows) == [("sha1", SHA1, "VICS 1", "s"), ("md5", MD5, "VICS 1", "s")]
    assert len({row.entry.id for row in rows}) == 1
    assert rows[0].entry.added == date(2026, 6, 7)
    assert skipped == {"PhotoDNA": 2, "category 0": 1, "records without a digest": 1}


def test_images_and_videos_of_the_ncmec_shape_are_entries_of_the_member_that_shared_them(tmp_path: Path) -> None:
    video = f"<videos><video><fingerprints><tmk-pdqf>x</tmk-pdqf><md5>{'0f' * 16}</md5></fingerprints></video></videos>"
    gone = "<deletedImages><deletedImage><member id='4'>M</member><id>image4</id></deletedImage></deletedImages>"
    rows, skipped = imported(tmp_path / "f.xml", ncmec(IMAGE + video + gone))
    assert said(rows) == [
        ("md5", MD5, "A1", "Example Member"), ("sha1", SHA1, "A1", "Example Member"),
        ("pdq", PDQ, "A1", "Example Member"), ("md5", "0f" * 16, "c", "s"),
    ]  # fmt: skip
    assert rows[0].entry.added == date(2026, 10, 24)
    assert skipped == {"pdna": 1, "tmk-pdqf": 1, "deleted": 1}


def test_indicators_of_threatexchange_are_entries_by_their_types(tmp_path: Path) -> None:
    text = (
        "indicator,type,status,added_on\n"
        f"{PDQ},HASH_PDQ,MALICIOUS,2026-01-02T03:04:05+0000\n{MD5},HASH_VIDEO_MD5,,\n"
        f"{SHA256},HASH_SHA256,,\nhttps://site.example/page,URI,,\nx,HASH_TMK,,\n{SHA1},HASH_SHA1,NON_MALICIOUS,\n"
    )
    rows, skipped = imported(tmp_path / "f.csv", text)
    link = normalised("https://site.example/page")
    assert link is not None
    wanted = [("pdq", PDQ), ("md5", MD5), ("sha256", SHA256), ("link", link.digest.hex())]
    assert [(row.entry.algorithm, row.value.hex()) for row in rows] == wanted
    assert rows[0].entry.added == date(2026, 1, 2)
    assert skipped == {"HASH_TMK": 1, "NON_MALICIOUS": 1}


def test_the_same_record_gets_the_same_id_in_every_import(tmp_path: Path) -> None:
    first, _ = imported(tmp_path / "f.txt", f"{PDQ}\n{MD5}\n")
    later, _ = imported(tmp_path / "f.txt", f"{OTHER_PDQ}\n{PDQ}\n")
    assert first[0] == later[1]
    assert len({row.entry.id for row in (*first, *later)}) == 3


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("", "hex"),
        (PDQ, "hex"),
        (f"\ufeffpdq,category\n{PDQ},x\n", "csv"),
        ("indicator,type\n", "threatexchange"),
        ('"type","indicator"\n', "threatexchange"),
        (' \n{"value": []}', "vics"),
        (ncmec(""), "ncmec"),
    ],
)
def test_a_format_is_recognised_by_how_a_file_begins(tmp_path: Path, text: str, format: str) -> None:
    (tmp_path / "f").write_text(text, encoding="utf-8")
    assert recognised(tmp_path / "f") == format
    imported(tmp_path / "f", text)


def test_records_that_lie_across_the_borders_of_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    numbers = random.Random(3)
    digests = [numbers.randbytes(16).hex() for _ in range(2500)]
    media = [{"Category": 1, "MD5": digest, "Note": "n" * (at % 97)} for at, digest in enumerate(digests)]
    rows, _ = imported(tmp_path / "f.json", vics(*media))
    assert [row.value.hex() for row in rows] == digests
    images = "\n".join(f"<image><fingerprints><md5>{digest}</md5></fingerprints></image>" for digest in digests)
    rows, _ = imported(tmp_path / "f.xml", ncmec(f"<images>{images}</images>"))
    assert [row.value.hex() for row in rows] == digests


# --- what is refused -----------------------------------------------------------------------------------------------

ENTITY = '<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE q SYSTEM "file:///etc/passwd">\n'


@pytest.mark.parametrize(
    ("format", "text", "told"),
    [
        ("hex", f"{PDQ}\nab\n", "line 2"),
        ("hex", f"{PDQ}\n{'zz' * 32}\n", "line 2"),
        ("hex", f"{PDQ}\n{PDQ} 5\n", "line 2"),
        ("hex", f"{PDQ}\n{'٣' * 64}\n", "line 2"),
        ("hex", PDQ + "\n" + "a" * 70_000, "line 2: has more than 65536 characters"),
        ("csv", f"pdq,md5\n{PDQ},ab\n", "line 2: 'ab' is not a md5 of 32 hex digits"),
        ("csv", f"pdq,pdq\n{PDQ},{PDQ}\n", "line 1: two columns"),
        ("csv", f"pdq,id\n{PDQ},-1\n", "line 2: '-1' is no id"),
        ("csv", f"pdq,id\n{PDQ},{2**64}\n", "is no id"),
        ("csv", f"pdq,id\n{PDQ},²\n", "is no id"),
        ("csv", f"pdq,added\n{PDQ},yesterday\n", "line 2: 'yesterday' is not a date"),
        ("csv", f"pdq,disputed\n{PDQ},perhaps\n", "neither true nor false"),
        ("csv", f"pdq,id\n{PDQ},1,2\n", "line 2: has 3 fields under 2 headings"),
        ("csv", 'pdq,id\n"' + "\n" * 200_000, "line"),
        ("csv", f"{PDQ}\n", "line 1: is no heading with a kind of hash"),
        ("threatexchange", "indicator,kind\n", "line 1: is no heading with indicator and type"),
        ("threatexchange", f"indicator,type\n{PDQ},HASH_MD5\n", "line 2"),
        ("threatexchange", "indicator,type\nno link,URI\n", "line 2: 'no link' is not a link"),
        ("vics", vics({"Category": 1, "MD5": MD5}, {"Category": 1, "MD5": "ab"}), "record 2: 'ab' is not a md5"),
        ("vics", vics({"Category": "1", "MD5": MD5}), "record 1: '1' is no number of a category"),
        ("vics", vics({"Category": True, "MD5": MD5}), "no number of a category"),
        ("vics", vics({"Category": 1, "MD5": 5}), "record 1: MD5 is '5' and no text"),
        ("vics", vics({"Category": 1, "MD5": MD5})[:-1], "and found 'the end'"),
        ("vics", vics({"Category": 1, "MD5": MD5}) + "x", "follows the end"),
        ("vics", '{"value": [5]}', "record 1: is not a JSON object"),
        ("vics", '{"value": [{}', "expected ',' or ']'"),
        ("vics", '{"value": [' + "[" * 100_000, "record 1: is nested too deeply"),
        ("vics", '{"value": [{"a": "' + "x" * 3_000_000, "record 1: has more than 1048576 characters"),
        ("vics", "[]", "expected '{'"),
        ("ncmec", ncmec(IMAGE, ENTITY), "line 2: declares a document type or an entity"),
        ("ncmec", ncmec(IMAGE, OUTSIDE), "declares a document type or an entity"),
        ("ncmec", ncmec(IMAGE)[:-20], "is not XML"),
        ("ncmec", ncmec(IMAGE.replace(MD5, "ab")), "line 4: 'ab' is not a md5"),
        ("ncmec", ncmec(IMAGE.replace("2026-10-24T15:00:00Z", "then")), "'then' is not a date"),
        ("ncmec", ncmec(IMAGE.replace("A1", "&undeclared;")), "is not XML"),
        ("ncmec", "<a>" * 100_000, "is nested too deeply"),
        ("ncmec", f"<a>{'x' * 200_000}</a>", "more than 65536 characters"),
        ("ncmec", '<?xml version="1.0" encoding="klingon"?><a/>', "line 1: declares an encoding that cannot be read"),
        ("ncmec", '<?xml version="1.0" encoding="shift_jis"?><a/>', "declares an encoding that cannot be read"),
        ("ncmec", '<?xml version="1.0" encoding="hex"?><a/>', "declares an encoding that cannot be read"),
        ("ncmec", f'<a b="{"x" * 2_000_000}"/>', "line 1: has a tag of more than 1048576 bytes"),
        ("ncmec", f"<a><!--{'x' * 2_000_000}--></a>", "line 1: has a tag of more than 1048576 bytes"),
        ("csv", "pdq\n" + '"x\n",' * 300_000, "a record has more than 1048576 characters"),
    ],
)  # fmt: skip
def test_a_malformed_record_is_named_with_its_file_and_its_place(
    tmp_path: Path, format: str, text: str, told: str
) -> None:
    with pytest.raises(ListNotWritten) as refused:
        imported(tmp_path / "f.txt", text, format=format)
    assert str(refused.value).startswith("f.txt, ")
    assert told in str(refused.value)


@pytest.mark.parametrize("format", [None, *FORMATS])
def test_what_is_no_file_is_refused_at_once_and_named(tmp_path: Path, format: str | None) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "circle", "folder", "nowhere"):
        with pytest.raises(SourceUnreadable, match=name):
            list(read_file(tmp_path / name, Counter(), category="c", source="s", format=format))


def test_many_records_are_longer_than_one_may_be(tmp_path: Path) -> None:
    rows, _ = imported(tmp_path / "f.csv", "md5,x\n" + f"{MD5},{'x' * 60_000}\n" * 20)
    assert len(rows) == 20


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=80), st.booleans())
def test_random_bytes_are_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, format: str, content: bytes, begun: bool
) -> None:
    beginnings = {"csv": b"pdq,id\n", "threatexchange": b"indicator,type\n", "vics": b'{"value":[', "ncmec": b"<a>"}
    path = tmp_path_factory.mktemp("f") / "f"
    try:
        imported(path, (beginnings.get(format, b"") if begun else b"") + content, format=format)
    except ListNotWritten as refused:
        assert str(refused).startswith("f, ")  # noqa: PT017
