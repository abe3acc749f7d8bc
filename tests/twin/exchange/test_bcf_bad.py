"""BCF files that are wrong: a named error or a listed problem, never anything else."""

import random
import zipfile
from pathlib import Path

import pytest

from tests.twin.exchange import bcf_files as made
from tests.twin.exchange.bcf_files import OTHER, TOPIC, VIEW
from twin.errors import BrokenFile, NotFound, NotSupported, OpenError, TooLarge
from twin.exchange.bcf import reading
from twin.exchange.bcf.model import Bcf
from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import packed

AT = "2026-11-26T12:00:00Z"
LAUGHS = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]>'


def codes(found: Bcf) -> list[str]:
    return [problem.code for problem in found.problems]


def plain(tmp_path: Path) -> Path:
    markup = made.topic_3(after=made.view_list_3(VIEW))
    return made.file_3(tmp_path / "a.bcf", markup, {VIEW: made.CAMERA_3})


@pytest.mark.parametrize("number", ["1.0", "2.0", "2", "4.0", "x", ""])
def test_other_versions_are_refused_with_the_way_out(tmp_path: Path, number: str) -> None:
    members = {"bcf.version": made.version(number), f"{TOPIC}/markup.bcf": made.topic_2()}
    path = made.packed(tmp_path / "a.bcf", members)
    with pytest.raises(NotSupported, match=r"Export the topics as BCF 2\.1 or 3\.0"):
        read(str(path))


def test_a_file_without_its_version_is_read_and_told(tmp_path: Path) -> None:
    path = made.packed(tmp_path / "a.bcf", {f"{TOPIC}/markup.bcf": made.topic_2()})
    found = read(str(path))
    assert (found.version, codes(found), len(found.topics)) == ("2.1", ["bcf.version"], 1)


def test_an_archive_of_something_else_is_no_bcf(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="it has no topics"):
        read(str(made.packed(tmp_path / "a.bcf", {"picture.png": made.picture()})))


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "a.bcf"
    path.write_bytes(b"<Markup/>")
    with pytest.raises(BrokenFile):
        read(str(path))
    with pytest.raises(NotFound):
        read(str(tmp_path / "none.bcf"))


def test_members_that_lead_outside_are_left_out_and_told(tmp_path: Path) -> None:
    path = plain(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../evil.txt", "/etc/evil", "C:/evil", f"{TOPIC}/../../evil"):
            archive.writestr(name, b"x")
    found = read(str(path))
    assert codes(found) == ["bcf.outside"] * 4
    assert found.frame.files == ()


def test_a_document_type_is_refused_where_it_stands(tmp_path: Path) -> None:
    members = {
        "bcf.version": made.version("3.0"),
        f"{TOPIC}/markup.bcf": LAUGHS
        + made.topic_3().partition("?>\n")[2].replace("column", "&y;"),
        f"{OTHER}/markup.bcf": made.topic_3(guid=OTHER),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert codes(found) == ["bcf.part"]
    assert [x.guid for x in found.topics] == [OTHER]
    assert [x.name for x in found.frame.files] == [f"{TOPIC}/markup.bcf"]


def test_a_topic_that_cannot_be_read_stays_in_the_file(tmp_path: Path) -> None:
    members = {
        "bcf.version": made.version("3.0"),
        f"{TOPIC}/markup.bcf": made.topic_3()[:-12],
        f"{OTHER}/markup.bcf": made.topic_3(guid=OTHER),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert codes(found) == ["bcf.part"]
    path = tmp_path / "b.bcf"
    path.write_bytes(packed(found, AT))
    with zipfile.ZipFile(path) as archive:
        assert archive.read(f"{TOPIC}/markup.bcf").decode() == members[f"{TOPIC}/markup.bcf"]


def test_latin_letters_in_a_file_that_says_utf8_are_read(tmp_path: Path) -> None:
    markup = made.topic_3().replace("column", "Säule").encode("latin-1")
    members: dict[str, str | bytes] = {
        "bcf.version": made.version("3.0"),
        f"{TOPIC}/markup.bcf": markup,
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert found.topics[0].title == "A Säule stands in the way"
    assert codes(found) == ["bcf.encoding"]


def test_utf16_is_read_as_it_says(tmp_path: Path) -> None:
    markup = made.topic_3().replace("UTF-8", "UTF-16").replace("column", "柱").encode("utf-16")
    members: dict[str, str | bytes] = {
        "bcf.version": made.version("3.0"),
        f"{TOPIC}/markup.bcf": markup,
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert (found.topics[0].title, codes(found)) == ("A 柱 stands in the way", [])


def test_a_viewpoint_whose_files_are_missing_is_kept_and_told(tmp_path: Path) -> None:
    found = read(str(made.file_3(tmp_path / "a.bcf", made.topic_3(after=made.view_list_3(VIEW)))))
    assert codes(found) == ["bcf.missing", "bcf.missing"]
    assert found.topics[0].viewpoints[0].scene is None


def test_a_guid_that_is_there_twice_is_told(tmp_path: Path) -> None:
    comment = (
        f'<Comment Guid="{OTHER}"><Date>2021-02-17T09:16:04Z</Date><Author>a</Author></Comment>'
    )
    members = {
        "bcf.version": made.version("3.0"),
        f"{TOPIC}/markup.bcf": made.topic_3(after=f"<Comments>{comment}{comment}</Comments>"),
        "f0000000-0000-4000-8000-000000000000/markup.bcf": made.topic_3(),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert codes(found) == ["bcf.twice", "bcf.twice"]
    assert len({x.guid for x in found.topics[0].comments}) == 2
    assert len(found.frame.files) == 1


def test_what_is_no_guid_always_becomes_the_same_guid(tmp_path: Path) -> None:
    members = {
        "bcf.version": made.version("3.0"),
        "a/markup.bcf": made.topic_3(guid="../../x"),
        "b/markup.bcf": made.topic_3(
            guid=OTHER, after='<RelatedTopics><RelatedTopic Guid="../../x"/></RelatedTopics>'
        ),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    first, second = sorted(found.topics, key=lambda x: x.guid == OTHER)
    assert second.related[0].guid == first.guid
    assert "." not in first.guid


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (3 << 20))
    monkeypatch.setattr(reading, "MOST_BYTES", 2 << 20)
    with pytest.raises(TooLarge):
        read(str(path))
    monkeypatch.setattr(reading, "MOST_MEMBERS", 3)
    with pytest.raises(TooLarge):
        read(str(path))


def test_a_file_cut_off_anywhere_is_an_error_or_a_list_of_problems(tmp_path: Path) -> None:
    whole = plain(tmp_path).read_bytes()
    for count in range(0, len(whole), 37):
        path = tmp_path / f"cut{count}.bcf"
        path.write_bytes(whole[:count])
        with pytest.raises(OpenError):
            read(str(path))


def test_damaged_documents_never_raise_what_has_no_name(tmp_path: Path) -> None:
    chance = random.Random(7)
    markup, view = made.topic_3(after=made.view_list_3(VIEW)), made.scene(made.CAMERA_3)
    for number in range(300):
        texts = [bytearray(markup.encode()), bytearray(view.encode())]
        target = texts[number % 2]
        for _ in range(chance.randint(1, 6)):
            where = chance.randrange(len(target))
            target[where : where + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 3))
        members: dict[str, str | bytes] = {
            "bcf.version": made.version("3.0"),
            f"{TOPIC}/markup.bcf": bytes(texts[0]),
            f"{TOPIC}/{VIEW}.bcfv": bytes(texts[1]),
        }
        path = made.packed(tmp_path / f"{number}.bcf", members)
        found = read(str(path))
        packed(found, AT)


def test_damaged_archives_never_raise_what_has_no_name(tmp_path: Path) -> None:
    chance = random.Random(11)
    whole = plain(tmp_path).read_bytes()
    for number in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.bcf"
        path.write_bytes(data)
        try:
            packed(read(str(path)), AT)
        except OpenError:
            continue
