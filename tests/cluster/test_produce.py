import pickle
from types import SimpleNamespace

from cluster.produce import ShotsHeld, gate, reseeded
from tests.cluster.stand_in import episode

GOOD = {"identity_distance": 0.3, "identity_margin": 0.2, "face_rate": 1.0, "warp_error": 1.0, "lip_gap": 0.0}


def take(shot_id: str, **quality):
    return SimpleNamespace(shot_id=shot_id, facts={"quality": {**GOOD, **quality}})


def test_the_gate_holds_the_takes_that_do_not_pass_and_says_why() -> None:
    result = SimpleNamespace(takes=[take("e/s/1"), take("e/s/2", identity_distance=0.6, lip_gap=2.0)])
    held = gate(result)
    assert list(held) == ["e/s/2"] and len(held["e/s/2"]) == 2


def test_only_held_shots_get_the_next_seed() -> None:
    made = episode()
    first = made.shots[0].id
    again = reseeded(made, {first})
    assert [shot.seed for shot in again.shots] == [1] + [0] * (len(made.shots) - 1)
    assert [shot.id for shot in again.shots] == [shot.id for shot in made.shots]


def test_held_shots_are_told_with_exit_code_4_and_cross_processes() -> None:
    error = pickle.loads(pickle.dumps(ShotsHeld({"e/s/1": ("faces found is 0.5, must be at least 0.98",)}, "out/held")))
    assert error.exit_code == 4
    assert "e/s/1: faces found is 0.5" in str(error) and "out/held" in str(error)
