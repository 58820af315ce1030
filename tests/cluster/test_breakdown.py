from dataclasses import replace

from cluster.breakdown import breakdown, scene_id
from jobs.episode import Camera
from tests.cluster import stand_in

EPISODE = stand_in.episode()


def test_there_is_one_manifest_per_shot_in_playing_order() -> None:
    manifests = breakdown(EPISODE, stand_in.crew())
    assert [manifest.shot_id for manifest in manifests] == [shot.id for shot in EPISODE.shots]
    assert [manifest.position for manifest in manifests] == list(range(8))
    assert {manifest.scene_id for manifest in manifests} == {"s01e01/s00", "s01e01/s01"}


def test_whoever_is_framed_or_looked_over_is_needed_too() -> None:
    scene = EPISODE.scenes[0]
    shot = replace(scene.shots[0], camera=Camera(preset="over-the-shoulder", on=("ada",), over="bo"))
    episode = replace(EPISODE, scenes=(replace(scene, shots=(shot,)),))
    (manifest,) = breakdown(episode, stand_in.crew())
    assert manifest.performers == tuple(sorted([stand_in.digest_of("ada"), stand_in.digest_of("bo")]))


def test_a_scene_that_carries_its_episode_is_not_prefixed_again() -> None:
    scene = replace(EPISODE.scenes[0], id="s01e01/s00")
    assert scene_id(EPISODE, scene) == "s01e01/s00"
