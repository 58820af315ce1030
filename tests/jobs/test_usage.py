from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from jobs.episode import Camera, Episode, PerformerRef, Plate, Project, Role, Scene, Shot
from jobs.usage import usage

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def episode() -> Episode:
    shots = tuple(
        Shot(id=f"e/s/{n}", first=1, last=48, camera=Camera(preset="two-shot", on=("ada", "bo")), cues=())
        for n in range(2)
    )
    cast = {
        name: Role(name=name, performer=PerformerRef(id=f"house/{name}", version=1, digest=name * 20))
        for name in ("ada", "bo")
    }
    return Episode(
        id="e",
        title="E",
        fps=Fraction(24),
        width=320,
        height=180,
        project=Project(id="p", genres=(), territories=("worldwide",), media=("streaming",)),
        cast=cast,
        scenes=(Scene(id="s", plate=Plate(colour=(0, 0, 0)), light="noir", shots=shots),),
    )


CONSENTS = {"ada": "consent-a", "bo": "consent-b"}


def test_seconds_add_up_over_the_shots_of_each_performer() -> None:
    said = usage(episode(), {"e/s/0": {"ada": 48, "bo": 0}, "e/s/1": {"ada": 12, "bo": 30}}, CONSENTS, "f" * 64, NOW)
    ada, bo = said["performers"]
    assert (ada["performer"], ada["frames"], ada["seconds"], ada["consents"]) == ("house/ada", 60, 2.5, ["consent-a"])
    assert (bo["frames"], bo["seconds"]) == (30, 1.25)
    assert bo["shots"] == [{"shot": "e/s/1", "role": "bo", "frames": 30, "seconds": 1.25}]
    assert (said["master_sha256"], said["territories"]) == ("f" * 64, ["worldwide"])


def test_one_performer_in_two_roles_is_one_performer() -> None:
    shown = episode()
    twins = replace(
        shown, cast={"ada": shown.cast["ada"], "bo": Role(name="bo", performer=shown.cast["ada"].performer)}
    )
    said = usage(twins, {"e/s/0": {"ada": 24, "bo": 24}, "e/s/1": {}}, CONSENTS, "f" * 64, NOW)
    (one,) = said["performers"]
    assert (one["roles"], one["frames"], one["consents"]) == (["ada", "bo"], 48, ["consent-a", "consent-b"])


def test_a_shot_that_was_not_counted_makes_the_total_null_and_says_why() -> None:
    said = usage(episode(), {"e/s/0": {"ada": 48}, "e/s/1": None}, CONSENTS, "f" * 64, NOW)
    for performer in said["performers"]:
        assert performer["seconds"] is None
        assert performer["why"] == "visibility was not counted in e/s/1"
