from itertools import product

import pytest

from jobs.states import EPISODE_MOVES, SHOT_MOVES, TAKE_MOVES, EpisodeState, ShotState, TakeState, moves, sources

TABLES = ((EpisodeState, EPISODE_MOVES), (ShotState, SHOT_MOVES), (TakeState, TAKE_MOVES))


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_state_has_its_transitions_written_down(states, table) -> None:
    assert set(table) == set(states)


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_sources_are_the_transitions_read_backwards(states, table) -> None:
    for source, target in product(states, states):
        assert (source in sources(target)) == (target in table[source])


def test_a_take_exists_only_out_of_rendering_and_never_comes_back() -> None:
    assert sources(TakeState.COMMITTED) == ("rendering",)
    assert moves(TakeState.COMMITTED) == {TakeState.LOST}
    assert not moves(TakeState.LOST) and not moves(TakeState.REVOKED) and not moves(TakeState.FAILED)


def test_states_of_two_kinds_with_one_name_are_not_confused() -> None:
    assert moves(ShotState.FAILED) != moves(TakeState.FAILED)
