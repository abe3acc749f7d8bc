"""Servers as they are: slow, rude, moved, away. Every wait is bounded and every reason has a name."""

import json
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.serving import Handler, Served, cut, ranges, says, serving, silent
from twin.errors import (
    BadAnswer,
    Cancelled,
    NotCached,
    NotFound,
    OpenError,
    OtherHost,
    OutsideRoot,
    ServerRefused,
    TooLarge,
    TooSlow,
    Unreachable,
    UsageError,
    WebPage,
)
from twin.files import (
    Folder,
    Server,
    answers,
    asking,
    keys,
    lifted,
    open_root,
    read_reference,
    resolve,
    use,
    web,
)
from twin.files.access import Access, Patience
from twin.files.keys import delete_key, kept, keys_for, set_key, shown, variable
from twin.files.server import parts_of
from twin.jobs import SILENT
from ui.cli import main

QUICK = Patience(connect=2.0, read=2.0, total=5.0, tries=3, pause=0.0, longest=0.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    use(Access(folder=tmp_path / "kept", limit=1 << 24, patience=QUICK))
    parts_of.cache_clear()
    keys._TYPED.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        with serving() as found:
            yield found
    use(Access())
    keys._TYPED.clear()


def access(server: Served, tmp_path: Path, **changes: object) -> None:
    use(replace(Access(folder=tmp_path / "kept", limit=1 << 24, patience=QUICK), **changes))  # type: ignore[arg-type]


def read(server: Served, name: str) -> bytes:
    return read_reference(Server(server.base), name)


def test_each_failure_has_its_own_code(server: Served) -> None:
    server.plan = {
        "/denied": [says(b"", 403)],
        "/ill": [says(b"", 503)],
        "/page.glb": [says(b"<!DOCTYPE html><p>login", Content_Type="text/html")],
        "/cut": [cut],
        "/odd": [says(b"", 418)],
    }
    expected = {
        "nothing": NotFound, "denied": ServerRefused, "ill": ServerRefused, "odd": ServerRefused,
        "page.glb": WebPage, "cut": BadAnswer,
    }  # fmt: skip
    for name, kind in expected.items():
        with pytest.raises(kind):
            read(server, name)
    assert (server.counts["/ill"], server.counts["/cut"]) == (3, 3)
    assert server.counts["/denied"] == 1
    with pytest.raises(TooLarge):
        Server(server.base).read("page.glb", limit=3)


def test_what_may_pass_is_tried_again(server: Served) -> None:
    server.plan = {
        "/a": [says(b"", 500), says(b"", 429, Retry_After="9999"), says(b"good")],
        "/b": [cut, says(b"whole")],
    }
    assert read(server, "a") == b"good"
    assert read(server, "b") == b"whole"


@given(st.integers(0, 40), st.one_of(st.text(max_size=12), st.integers(-9, 10**9).map(str)))
def test_a_pause_is_never_negative_nor_longer_than_the_longest(number: int, said: str) -> None:
    patience = Patience()
    assert 0 <= web.pause_before(patience, number, said, 0.0) <= patience.longest


def test_a_server_may_say_when_to_come_back() -> None:
    patience = Patience(longest=20.0)
    assert web.pause_before(patience, 0, "7", 0.0) == 7
    assert web.pause_before(patience, 0, "3600", 0.0) == 20
    assert web.pause_before(patience, 0, formatdate(1005, usegmt=True), 1000.0) == 5


def test_a_server_that_never_answers_is_given_up(server: Served, tmp_path: Path) -> None:
    server.plan = {"/a": [silent]}
    access(server, tmp_path, patience=replace(QUICK, read=0.05))
    with pytest.raises(TooSlow):
        read(server, "a")


def test_a_server_that_dribbles_is_given_up_by_the_time_of_the_whole(
    server: Served, tmp_path: Path
) -> None:
    def dribble(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not server.ended.wait(0.01):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    server.plan = {"/a": [dribble]}
    access(server, tmp_path, patience=replace(QUICK, total=0.1))
    begun = time.monotonic()
    with pytest.raises(TooSlow):
        read(server, "a")
    assert time.monotonic() - begun < 60


def test_nobody_there_is_said_as_such() -> None:
    use(Access(patience=QUICK))
    with pytest.raises(Unreachable):
        Server("http://127.0.0.1:1/").read("a")
    use(Access())


def test_a_cancelled_work_reads_no_further(server: Served) -> None:
    class Stop:
        def progress(self, done: float, what: str = "") -> None: ...

        def check(self) -> None:
            raise Cancelled(what="test")

    server.plan = {"/a": [says(b"a")]}
    with asking(Stop()), pytest.raises(Cancelled):
        read(server, "a")
    assert server.asked == []


def test_redirects_stay_with_the_host_unless_the_user_allowed_the_other(
    server: Served, tmp_path: Path
) -> None:
    with serving() as other:
        other.plan = {"/x": [says(b"elsewhere")]}
        server.plan = {
            "/same": [says(b"", 302, Location="/there")],
            "/there": [says(b"here")],
            "/other": [says(b"", 301, Location=f"{other.base}x")],
            "/round": [says(b"", 302, Location="/round")],
            "/file": [says(b"", 302, Location="file:///etc/passwd")],
        }
        assert read(server, "same") == b"here"
        with pytest.raises(OtherHost):
            read(server, "other")
        assert other.asked == []
        for name in ("round", "file"):
            with pytest.raises(BadAnswer):
                read(server, name)
        allowed = frozenset({other.base.removeprefix("http://").rstrip("/")})
        access(server, tmp_path, hosts=allowed)
        assert read(server, "other") == b"elsewhere"


def test_https_is_never_left_for_http() -> None:
    with pytest.raises(BadAnswer):
        web._vet("https://a.example/x", "http://a.example/x", Access())
    web._vet("http://a.example/x", "https://a.example/x", Access())


def test_other_hosts_are_asked_only_when_allowed(tmp_path: Path) -> None:
    local, root = Folder(str(tmp_path)), Server("https://a.example/x/")
    there = "https://b.example/y.glb"
    use(Access())
    with pytest.raises(OtherHost):
        resolve(root, "t.json", there)
    with pytest.raises(OutsideRoot):
        resolve(local, "t.json", there)
    use(Access(hosts=frozenset({"b.example"})))
    assert resolve(root, "t.json", there) == there
    assert resolve(local, "t.json", there) == there
    assert resolve(local, there, "z.png") == "https://b.example/z.png"
    use(Access())
    with pytest.raises(OutsideRoot):
        read_reference(local, there)


def test_a_query_goes_along_and_a_childs_own_comes_first() -> None:
    root, name = open_root("https://a.example/x/tileset.json?v=2&w=1")
    assert resolve(root, name, "0.glb") == "https://a.example/x/0.glb?v=2&w=1"
    assert resolve(root, name, "0.glb?v=3") == "https://a.example/x/0.glb?v=3&w=1"


def test_one_pool_serves_every_thread(server: Served) -> None:
    server.plan = {f"/{n}": [says(b"x", Cache_Control="no-store")] for n in range(8)}
    meet = threading.Barrier(2, timeout=5)

    def pair(handler: Handler) -> None:
        meet.wait()
        handler.answer(200, b"p")

    server.plan["/pair"] = [pair]
    for n in range(8):
        read(server, str(n))
    assert len(server.ports) == 1
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: read(server, "pair"), range(2)))
    assert found == [b"p", b"p"]
    assert len(server.ports) == 2
    assert len([key for key in web._CLIENTS if key[1] == server.base.rstrip("/")]) == 1


def test_a_kept_answer_is_confirmed_not_fetched_again(server: Served, tmp_path: Path) -> None:
    def turn(handler: Handler) -> None:
        same = handler.headers.get("If-None-Match") == '"v1"'
        handler.answer(304 if same else 200, b"" if same else b"body", ETag='"v1"')

    server.plan = {
        "/a": [turn],
        "/fresh": [says(b"fresh", Cache_Control="max-age=1000")],
        "/secret": [says(b"s", Cache_Control="no-store")],
    }
    assert [read(server, "a"), read(server, "a")] == [b"body", b"body"]
    assert server.asked[1][1]["if-none-match"] == '"v1"'
    assert [read(server, "fresh"), read(server, "fresh")] == [b"fresh", b"fresh"]
    assert [read(server, "secret"), read(server, "secret")] == [b"s", b"s"]
    assert (server.counts["/fresh"], server.counts["/secret"]) == (1, 2)
    access(server, tmp_path, offline=True)
    asked = len(server.asked)
    assert read(server, "a") == b"body"
    with pytest.raises(NotCached):
        read(server, "secret")
    assert len(server.asked) == asked


def test_a_stale_copy_stands_in_and_is_told(server: Served) -> None:
    server.plan = {"/a": [says(b"old", ETag='"1"'), says(b"", 503)]}
    read(server, "a")
    with asking(SILENT) as told:
        assert read(server, "a") == b"old"
    assert [problem.code for problem in told] == ["server.stale"]
    assert told[0].params["reason"] == "server.refused"


def test_kept_answers_are_whole_or_absent_and_the_unused_go_first(tmp_path: Path) -> None:
    for number in range(4):
        answers.keep(tmp_path, f"http://h/{number}", {}, b"x" * 1000, 1 << 20)
    files = sorted(tmp_path.rglob("*.answer"))
    for age, path in enumerate(files):
        os.utime(path, (1000 + age, 1000 + age))
    answers.evict(tmp_path, 2500)
    assert sorted(tmp_path.rglob("*.answer")) == files[2:]
    for path in files[2:]:
        path.write_bytes(path.read_bytes()[:-1] + b"y")
    assert all(answers.find(tmp_path, f"http://h/{number}") is None for number in range(4))


def test_an_archive_on_a_server_is_read_in_parts(server: Served, tmp_path: Path) -> None:
    path = tmp_path / "city.3tz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("big", b"b" * 400_000)
        archive.writestr("sub/x.glb", b"glTF")
    server.plan = {
        "/city.3tz": [ranges(path.read_bytes())],
        "/whole.zip": [says(path.read_bytes())],
    }
    root, name = open_root(f"{server.base}city.3tz")
    assert (root.read("sub/x.glb"), name) == (b"glTF", "")
    assert all("range" in headers for _, headers in server.asked)
    sent = [headers["range"].removeprefix("bytes=").split("-") for _, headers in server.asked]
    assert sum(int(last) - int(first) + 1 for first, last in sent) < 100_000
    with pytest.raises(NotFound):
        root.read("none")
    with pytest.raises(BadAnswer, match="parts of files"):
        open_root(f"{server.base}whole.zip")[0].read("big")
    server.plan["/city.3tz"] = [ranges(path.read_bytes(), '"2"')]
    with pytest.raises(BadAnswer, match="changed"):
        root.read("big")


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, mine = keyring.get_keyring(), Ring()
    keyring.set_keyring(mine)
    yield mine
    for host in tuple(kept()):
        delete_key(host)
    keyring.set_keyring(before)


def test_a_key_goes_to_its_host_alone(ring: Ring, server: Served) -> None:
    server.plan = {"/a": [says(b"a", Cache_Control="no-store")]}
    set_key("127.0.0.1", "Authorization", "Bearer hush", header=True)
    set_key("127.0.0.1", "token", "quiet", header=False)
    read(server, "a")
    path, headers = server.asked[0]
    assert (path, headers["authorization"]) == ("/a?token=quiet", "Bearer hush")
    assert keys_for("https://b.example/a") == keys.Keys()
    assert kept() == {"127.0.0.1": ["header Authorization", "query token"]}


def test_without_a_keyring_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, server: Served
) -> None:
    class NoRing(Ring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.NoKeyringError

    before = keyring.get_keyring()
    keyring.set_keyring(NoRing())
    with pytest.raises(UsageError, match="CITYTWIN_KEY_127_0_0_1"):
        set_key("127.0.0.1", "X-Key", "hush", header=True)
    keyring.set_keyring(before)
    monkeypatch.setenv(variable("127.0.0.1"), "X-Key: hush\nq=quiet")
    server.plan = {"/a": [says(b"a")]}
    read(server, "a")
    assert (server.asked[0][0], server.asked[0][1]["x-key"]) == ("/a?q=quiet", "hush")


def test_no_secret_is_written_or_said(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable("127.0.0.1"), "X-Key: hushhush")
    server.plan = {"/a": [says(b"a", ETag='"1"'), says(b"", 503)], "/b": [says(b"", 403)]}
    location = lifted(f"{server.base}a?v=1&access_token=whisper")
    assert location == f"{server.base}a?v=1"
    said = [shown("https://me:whisper@h/a?key=whisper&v=1")]
    root, name = open_root(location)
    with asking(SILENT) as told:
        root.read(name)
        root.read(name)
        for other in ("b?sig=whisper", "none?sig=whisper"):
            with pytest.raises(OpenError) as caught:
                root.read(other)
            said.append(str(caught.value))
    assert "access_token=whisper" in server.asked[0][0]
    said += [str(problem) for problem in told]
    for path in tmp_path.rglob("*"):
        said.append(path.name)
        if path.is_file():
            said.append(path.read_bytes().decode("latin-1"))
    assert told
    assert not [text for text in said if "whisper" in text or "hushhush" in text]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["info", "--json", *words]) == 0
    source = json.loads(capsys.readouterr().out)["sources"][0]
    for name in ("path", "seconds", "peak_mb", "sha256"):
        source.pop(name, None)
    return dict(source)


def test_a_tileset_over_http_is_the_local_one_and_comes_offline_too(
    server: Served, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny / "delft_tiny_tileset"
    local = told(capsys, str(folder / "tileset.json"))
    for path in folder.iterdir():
        server.plan[f"/delft_tiny_tileset/{path.name}"] = [says(path.read_bytes())]
    address = f"{server.base}delft_tiny_tileset/tileset.json"
    assert told(capsys, f"{address}?key=whisper") == local
    asked = len(server.asked)
    assert told(capsys, "--offline", address) == local
    assert len(server.asked) == asked
    assert all("key=whisper" in path for path, _ in server.asked)


def test_a_tile_that_is_missing_is_named_with_its_reason(
    server: Served, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tiny / "delft_tiny_tileset").iterdir():
        server.plan[f"/m/{path.name}"] = [says(path.read_bytes())]
    del server.plan["/m/tile_0.b3dm"]
    server.plan["/m/tile_1.b3dm"] = [says(b"<html>login", Content_Type="text/html")]
    source = told(capsys, f"{server.base}m/tileset.json")
    codes = {problem["why"] for problem in source["problems"]}  # type: ignore[attr-defined]
    assert {"missing.file", "server.web_page"} <= codes
