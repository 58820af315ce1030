import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import store as store_module
from jobs.store import Blob, BlobDamaged, FolderStore, StoreFull, StoreReadOnly, StoreUnusable, writing

BYTES = b"one take" * 1000
DIGEST = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "take.mp4"
    path.write_bytes(BYTES)
    return path


def final_files(store: FolderStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file() and store.incoming not in path.parents]


def test_a_blob_is_named_after_its_bytes(store: FolderStore, source: Path) -> None:
    blob = store.put(source)
    assert blob == Blob(DIGEST, len(BYTES))
    assert store.get(blob, deep=True) == store.root / DIGEST[:2] / DIGEST[2:]
    assert source.exists() and list(store.incoming.iterdir()) == []


def test_what_was_staged_is_moved_not_copied(store: FolderStore) -> None:
    with store.staging() as staging:
        (staging.folder / "take.mp4").write_bytes(BYTES)
        inode = (staging.folder / "take.mp4").stat().st_ino
        blob = store.put(staging.folder / "take.mp4")
    assert store.path(blob.sha256).stat().st_ino == inode
    assert list(store.incoming.iterdir()) == []


def test_putting_twice_is_putting_once(store: FolderStore, source: Path) -> None:
    assert store.put(source) == store.put(source)
    assert len(final_files(store)) == 1


def test_a_wrong_hash_leaves_nothing_behind(store: FolderStore, source: Path) -> None:
    with pytest.raises(BlobDamaged, match="not 0000"):
        store.put(source, expect="0" * 64)
    assert final_files(store) == [] and list(store.incoming.iterdir()) == []


def test_a_missing_or_short_blob_is_noticed_without_reading_it(store: FolderStore, source: Path) -> None:
    blob = store.put(source)
    path = store.path(blob.sha256)
    path.chmod(0o600)
    path.write_bytes(BYTES[:-1])
    assert "bytes instead of" in store.damage(blob)
    path.unlink()
    with pytest.raises(BlobDamaged, match="cannot be read"):
        store.get(blob)


def test_a_flipped_bit_is_noticed_when_the_blob_is_read(store: FolderStore, source: Path) -> None:
    blob = store.put(source)
    path = store.path(blob.sha256)
    path.chmod(0o600)
    path.write_bytes(b"\x00" + BYTES[1:])
    assert store.damage(blob) is None
    assert "do not match" in store.damage(blob, deep=True)
    store.put(source)  # rendering it again mends it
    assert store.damage(blob, deep=True) is None


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EROFS, StoreReadOnly),
        (errno.EACCES, StoreReadOnly),
        (errno.EIO, StoreUnusable),
    ],
)
def test_a_disk_that_refuses_is_told_with_where_and_how_to_mend(
    store: FolderStore, source: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store_module.os, "fsync", refuse)
    with pytest.raises(error, match="run the same command again") as caught:
        store.put(source)
    assert str(store.root) in str(caught.value)
    monkeypatch.undo()
    assert final_files(store) == [] and list(store.incoming.iterdir()) == []


def test_other_errors_are_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        open(tmp_path / "nothing").close()


def test_a_real_limit_on_file_size_counts_as_full(store: FolderStore, source: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jobs.store import *\n"
        "try: FolderStore(Path(sys.argv[1])).put(Path(sys.argv[2]))\n"
        "except StoreFull as error: sys.exit(42)"
    )

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    command = [sys.executable, "-B", "-c", code, str(store.root), str(source)]
    assert subprocess.run(command, cwd=Path(__file__).parents[2], preexec_fn=limit).returncode == 42
    assert final_files(store) == []


def test_what_a_dead_process_left_is_swept_and_what_a_living_one_writes_is_not(store: FolderStore) -> None:
    code = (
        "import sys, os, signal; from pathlib import Path; from jobs.store import FolderStore\n"
        "staging = FolderStore(Path(sys.argv[1])).staging(); (staging.folder / 'half').write_bytes(b'x')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(store.root)], cwd=Path(__file__).parents[2])
    assert len(list(store.incoming.rglob("half"))) == 1
    with store.staging() as mine:
        (mine.folder / "whole").write_bytes(b"x")
        assert store.sweep() == 1
        assert list(store.incoming.rglob("half")) == []
        assert (mine.folder / "whole").exists()
