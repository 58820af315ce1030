"""Is this file ours, whole and unchanged? Three checks that do not lean on each other, and what each one found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np

from jobs.conform import file_sha256
from jobs.errors import BadInput
from jobs.ledger_records import Master
from jobs.provenance import Credentials, verify_file

READS_PER_SECOND = 4  # frames a second of which the watermark is read; neighbours tell little new

Outcome = Literal["passed", "failed", "not made"]


class NoSuchFile(BadInput):
    """There is nothing to verify."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)

    def __str__(self) -> str:
        return "{}: there is no such file; give the path of a master or of a shot".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One way to tell whether a file is genuine."""

    name: Literal["ledger", "provenance", "watermark"]
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What the watermark of one shot, or of one second where the shots are not known, reads."""

    first: int  # frame of the file, 0-based
    frames: int
    shot: str | None  # id, where it is known
    expected: str | None  # first 12 hex digits of the take key
    read: str | None  # the same, as read; None: nothing that chance could not have made
    chance: float  # bound of the probability that an unmarked picture reads like this


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that is known about a file."""

    path: Path
    sha256: str
    episode: str | None
    title: str | None
    checks: tuple[Check, ...]
    credentials: Credentials
    stretches: tuple[Stretch, ...]

    @property
    def genuine(self) -> bool:
        """No check failed, and at least one passed."""
        outcomes = [check.outcome for check in self.checks]
        return "failed" not in outcomes and "passed" in outcomes


def verify(
    path: Path,
    *,
    authority: bytes | None,
    key: bytes | None,
    known: Callable[[str], Master | None] | None,
    named: Callable[[str], Master | None] | None,
    taken: Callable[[str], tuple[str, str] | None] | None = None,
) -> Verification:
    """Check a file by the ledger's hash, by its content credentials and by its watermark.

    ``authority`` is the certificate that masters are signed under (PEM), ``key`` the watermark's; ``known`` finds a
    master by its SHA-256, ``named`` the newest one of an episode, ``taken`` the (episode, shot) whose take key starts
    with 12 hex digits. What is None was not at hand, and its check says so. Raises NoSuchFile.
    """
    if not path.is_file():
        raise NoSuchFile(path)
    sha256 = file_sha256(path)
    credentials = verify_file(path, authority)
    claims = credentials.claims
    record = known(sha256) if known is not None else None
    stretches, trouble = _watermark(path, credentials, key)
    marked = _named_by_marks(stretches, taken)
    episode = record.episode_id if record else claims.episode if claims else marked
    claimed = named(episode) if record is None and named is not None and episode is not None else None
    checks = (
        _ledger_check(record, claimed, credentials, episode, known is not None),
        _provenance_check(credentials, authority is not None),
        _watermark_check(stretches, trouble, record or claimed, marked),
    )
    return Verification(
        path=path,
        sha256=sha256,
        episode=episode,
        title=claims.title if claims else None,
        checks=checks,
        credentials=credentials,
        stretches=stretches,
    )


def _ledger_check(
    record: Master | None, claimed: Master | None, credentials: Credentials, episode: str | None, at_hand: bool
) -> Check:
    claims = credentials.claims
    if record is not None:
        return Check(
            name="ledger", outcome="passed", why=f"byte for byte the master of {record.episode_id} in the ledger"
        )
    if not at_hand:
        return Check(name="ledger", outcome="not made", why="there is no ledger here to compare with")
    if claimed is None:
        whose = f"no master of {episode}" if episode else "no file with this SHA-256"
        return Check(name="ledger", outcome="not made", why=f"the ledger knows {whose}")
    if claims is not None and {shot.id for shot in claims.shots} != set(claimed.takes):
        return Check(
            name="ledger",
            outcome="not made",
            why=f"the file says it is {len(claims.shots)} shot(s) of {claims.episode}; the ledger holds only the hash "
            "of whole masters",
        )
    return Check(
        name="ledger",
        outcome="failed",
        why=f"differs from the master of {claimed.episode_id} that was delivered (SHA-256 {claimed.sha256[:16]}...)",
    )


def _provenance_check(credentials: Credentials, against_authority: bool) -> Check:
    if credentials.state == "trusted":
        return Check(name="provenance", outcome="passed", why="content credentials whole, signed by this authority")
    if credentials.state == "untrusted" and not against_authority:
        why = "content credentials whole, but there is no authority's certificate here to check their signer with"
        return Check(name="provenance", outcome="not made", why=why)
    if credentials.state == "untrusted":
        why = f"content credentials whole, but their signer ({credentials.signer}) is not of this authority"
        return Check(name="provenance", outcome="failed", why=why)
    if credentials.state == "absent":
        why = "the file carries no content credentials; encoding a file again removes them"
        return Check(name="provenance", outcome="not made", why=why)
    return Check(name="provenance", outcome="failed", why="; ".join(credentials.problems))


def _watermark_check(
    stretches: tuple[Stretch, ...], trouble: tuple[Outcome, str] | None, record: Master | None, marked: str | None
) -> Check:
    if trouble is not None:
        return Check(name="watermark", outcome=trouble[0], why=trouble[1])
    expected = [stretch for stretch in stretches if stretch.expected is not None]
    if expected:
        wrong = [stretch for stretch in expected if stretch.read not in (None, stretch.expected)]
        right = [stretch for stretch in expected if stretch.read == stretch.expected]
        if record is not None:
            taken = {key[:12] for key in record.takes.values()}
            wrong += [stretch for stretch in right if stretch.expected not in taken]
        if wrong:
            shots = ", ".join(str(stretch.shot) for stretch in wrong)
            return Check(name="watermark", outcome="failed", why=f"the mark names another take in {shots}")
        if not right:
            return Check(name="watermark", outcome="failed", why="no mark of this installation can be read")
        why = f"{len(right)} of {len(expected)} shots carry the mark of the take they claim"
        if len(right) < len(expected):
            unread = ", ".join(str(stretch.shot) for stretch in expected if stretch.read is None)
            why += f"; not readable: {unread}"
        return Check(name="watermark", outcome="passed", why=why)
    read = sorted({stretch.read for stretch in stretches if stretch.read is not None})
    if marked is not None:
        return Check(name="watermark", outcome="passed", why=f"carries marks of takes of {marked}")
    if read:
        why = f"marks of this installation were read ({', '.join(read)}), but there is nothing to compare them with"
        return Check(name="watermark", outcome="not made", why=why)
    return Check(name="watermark", outcome="failed", why="no mark of this installation can be read")


def _watermark(
    path: Path, credentials: Credentials, key: bytes | None
) -> tuple[tuple[Stretch, ...], tuple[Outcome, str] | None]:
    """Read the mark shot by shot where the file says where its shots are, else second by second."""
    import av

    from actors.watermark import Watermark

    if key is None:
        return (), ("not made", "the watermark's key is not on this machine")
    claims = credentials.claims
    watermark = Watermark(key)
    stretches = []
    try:
        with av.open(str(path)) as file:
            if not file.streams.video:
                return (), ("failed", "the file has no picture")
            stream = file.streams.video[0]
            stream.thread_type = "AUTO"
            fps = stream.average_rate or 24
            stride = max(1, round(fps / READS_PER_SECOND))
            frames = file.decode(stream)
            spans: Iterator[tuple[int, int, str | None, str | None]]
            if claims is not None:
                spans = ((shot.first, shot.frames, shot.id, shot.key[:12]) for shot in claims.shots)
            else:
                second = max(1, round(fps))
                spans = ((first, second, None, None) for first in range(0, 1 << 40, second))
            for first, count, shot, expected in spans:
                head = next(frames, None)
                if head is None:
                    break
                seen = [0]
                sampled = _luma(chain([head], frames), count, stride, seen)
                reading = watermark.read(sampled)
                stretches.append(
                    Stretch(
                        first=first,
                        frames=seen[0],
                        shot=shot,
                        expected=expected,
                        read=reading.take,
                        chance=reading.chance,
                    )
                )
    except av.error.FFmpegError as error:
        return tuple(stretches), ("failed", f"the picture cannot be decoded ({error.strerror})")
    if claims is not None and sum(stretch.frames for stretch in stretches) != sum(s.frames for s in claims.shots):
        return tuple(stretches), ("failed", "the file holds fewer frames than it says")
    return tuple(stretches), None


def _luma(frames: Iterator, count: int, stride: int, seen: list[int]) -> Iterator[np.ndarray]:
    """Take ``count`` frames (counted in ``seen``) and give the luma [H, W] uint8 of every ``stride``-th."""
    for index in range(count):
        frame = next(frames, None)
        if frame is None:
            return
        seen[0] += 1
        if index % stride == 0:
            plane = frame.planes[0] if frame.format.name.startswith(("yuv420p", "yuvj420p", "nv12")) else None
            if plane is None or frame.format.components[0].bits != 8:
                frame = frame.reformat(format="yuv420p")
                plane = frame.planes[0]
            yield np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _named_by_marks(
    stretches: tuple[Stretch, ...], taken: Callable[[str], tuple[str, str] | None] | None
) -> str | None:
    """The episode whose takes most of the marks name."""
    if taken is None:
        return None
    found = [taken(stretch.read) for stretch in stretches if stretch.read is not None]
    episodes = [episode for episode, _ in filter(None, found)]
    return max(sorted(set(episodes)), key=episodes.count) if episodes else None
