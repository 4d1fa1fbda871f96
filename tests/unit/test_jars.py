"""The jars of the sandbox, from a repository of the test's own."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread

import pytest
from jgo.maven._core import DEFAULT_REMOTE_REPOS

from sandbox import jars
from sandbox.server import HOST, SandboxError

CONTENT = b"the content of a jar " * 100_000
PIN = ("org.example:thing:1.0", hashlib.sha256(CONTENT).hexdigest())
PATH = Path("org/example/thing/1.0/thing-1.0.jar")


def put(remote: Path, content: bytes) -> None:
    """Have the remote repository's jar hold this."""
    (remote / PATH).write_bytes(content)
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    (remote / PATH).with_suffix(".jar.sha1").write_text(digest)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty Maven repository on disk; the remote one, in `remote`, has one jar."""
    remote, local = tmp_path / "remote", tmp_path / "local"
    (remote / PATH).parent.mkdir(parents=True)
    put(remote, CONTENT)
    with ThreadingHTTPServer((HOST, 0), partial(Quiet, directory=str(remote))) as server:
        monkeypatch.setenv("M2_REPO", str(local))
        for name in DEFAULT_REMOTE_REPOS:
            monkeypatch.setitem(DEFAULT_REMOTE_REPOS, name, f"http://{HOST}:{server.server_port}")
        Thread(target=server.serve_forever, args=(0.05,)).start()
        yield local
        server.shutdown()


def test_several_may_fetch_the_same_jars_at_once(cache: Path) -> None:
    together = Barrier(4)

    def fetch(_: int) -> bytes:
        together.wait()
        (path,) = jars.fetch([PIN])
        return path.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(fetch, range(4))) == {CONTENT}
    assert (cache / PATH).exists()


def test_a_download_that_was_cut_off_is_done_again(cache: Path) -> None:
    (cache / PATH).parent.mkdir(parents=True)
    (cache / PATH).write_bytes(CONTENT[:1000])
    (path,) = jars.fetch([PIN])
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        ((PIN[0], "another"), r"thing-1\.0\.jar is not the jar pinned"),
        (("org.example:nothing:1.0", PIN[1]), "cannot fetch org.example:nothing:1.0"),
    ],
    ids=["another jar", "no such jar"],
)
def test_a_jar_that_cannot_be_had_is_named(cache: Path, pin: tuple[str, str], said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        jars.fetch([pin])


def test_programs_are_unpacked_once_with_their_links(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "server").write_text("the program")
    (tmp_path / "server").chmod(0o755)
    (tmp_path / "link").symlink_to("server")
    with tarfile.open(tmp_path / "programs.txz", "w:xz") as archive:
        for name in ("server", "link"):
            archive.add(tmp_path / name, f"bin/{name}")
    with zipfile.ZipFile(tmp_path / "programs.jar", "w") as jar:
        jar.write(tmp_path / "programs.txz", "programs.txz")
    content = (tmp_path / "programs.jar").read_bytes()
    put(tmp_path / "remote", content)
    pin = (PIN[0], hashlib.sha256(content).hexdigest())

    folder = jars.unpacked(*pin)
    assert folder.is_relative_to(cache)
    assert (folder / "bin/server").stat().st_mode & 0o777 == 0o755
    assert (folder / "bin/link").readlink() == Path("server")
    (folder / "bin/server").write_text("as the first time")
    assert (jars.unpacked(*pin) / "bin/server").read_text() == "as the first time"
    assert {path.name for path in folder.parent.iterdir()} >= {folder.name, f"{folder.name}.jar"}
    assert not list(folder.parent.glob("tmp*"))
