import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs import rights
from jobs.catalogue import Catalogue
from jobs.consent import sign_consent
from jobs.episode import Episode, PerformerRef, Role
from jobs.house_terms import house_terms
from jobs.keys import signing_key
from jobs.rights import NotConsented
from jobs.sign_house import KEY, sign_house
from jobs.trust import Trust, load_trust
from tests.jobs.sheet_example import NOW, make_episode, make_house, read


@pytest.fixture
def office(tmp_path: Path) -> tuple[Episode, Catalogue, Trust]:
    """An episode whose cast agreed to it: ada, and kofi as bo."""
    house = make_house(tmp_path)
    sign_house(tmp_path / "home", house, tmp_path / "trust")
    episode = read(make_episode(tmp_path / "episode"), house)
    return episode, Catalogue([house]), load_trust(shipped=tmp_path / "trust")


def refusals(episode: Episode, catalogue: Catalogue, trust: Trust, now: datetime = NOW) -> list[str]:
    with pytest.raises(NotConsented) as caught:
        rights.check(episode, catalogue, trust, now)
    return str(caught.value).splitlines()


def asking(episode: Episode, **words: tuple[str, ...]) -> Episode:
    return replace(episode, project=replace(episode.project, **words))


def resign(catalogue: Catalogue, tmp_path: Path, name: str, **terms) -> None:
    """Sign other terms for a house performer."""
    changed = house_terms()[name].model_copy(update=terms)
    sign_consent(catalogue.find(f"house/{name}"), changed, signing_key(tmp_path / "home", KEY))


def test_work_within_everyones_terms_passes(office) -> None:
    episode, catalogue, trust = office
    rights.check(episode, catalogue, trust, NOW)


def test_a_refused_genre_names_role_performer_and_clause(office) -> None:
    episode, catalogue, trust = office
    found = refusals(asking(episode, genres=("drama", "horror")), catalogue, trust)
    assert found == ["role 'bo': house/kofi@1 does not consent to genre 'horror' (clause genres.refused)"]


def test_all_refusals_are_told_at_once(office, tmp_path: Path) -> None:
    episode, catalogue, trust = office
    resign(catalogue, tmp_path, "ada", territories=["DE", "FR"], media=["cinema"])
    found = refusals(asking(episode, genres=("horror",), territories=("DE", "US")), catalogue, trust)
    assert found == [
        "role 'ada': house/ada@1 does not consent to territory 'US' (clause territories)",
        "role 'ada': house/ada@1 does not consent to medium 'streaming' (clause media)",
        "role 'bo': house/kofi@1 does not consent to genre 'horror' (clause genres.refused)",
    ]


def test_consent_for_some_countries_does_not_cover_the_world(office, tmp_path: Path) -> None:
    episode, catalogue, trust = office
    resign(catalogue, tmp_path, "ada", territories=["DE"])
    assert "does not consent to territory 'worldwide' (clause territories)" in refusals(episode, catalogue, trust)[0]
    rights.check(asking(episode, territories=("DE",)), catalogue, trust, NOW)


def test_a_list_of_genres_covers_only_those(office, tmp_path: Path) -> None:
    episode, catalogue, trust = office
    genres = house_terms()["ada"].genres.model_copy(update={"allowed": ["comedy"]})
    resign(catalogue, tmp_path, "ada", genres=genres)
    assert "genre 'drama' (clause genres.allowed)" in refusals(episode, catalogue, trust)[0]
    rights.check(asking(episode, genres=("comedy",)), catalogue, trust, NOW)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"expires": "2026-11-24T12:00:00+00:00"}, "consented until 2026-11-24T12:00:00+00:00, which has passed"),
        ({"expires": "2027-01-15T08:59:59+00:00"}, "which is before the deadline, 2027-01-15 09:00 UTC"),
        ({"valid_from": "2026-11-24T12:00:01+00:00"}, "consents only from 2026-11-24T12:00:01+00:00"),
    ],
)
def test_consent_holds_from_its_first_day_until_the_deadline(office, tmp_path: Path, terms: dict, told: str) -> None:
    episode, catalogue, trust = office
    resign(catalogue, tmp_path, "ada", **terms)
    (found,) = refusals(episode, catalogue, trust)
    assert told in found and f"(clause {next(iter(terms))})" in found


def test_consent_that_ends_with_the_deadline_is_enough(office, tmp_path: Path) -> None:
    episode, catalogue, trust = office
    resign(catalogue, tmp_path, "ada", expires="2027-01-15T09:00:00+00:00")
    rights.check(episode, catalogue, trust, NOW)


def test_who_has_no_record_that_counts_is_refused(office) -> None:
    episode, catalogue, trust = office
    catalogue.find("house/ada").consent_path.unlink()
    record = catalogue.find("house/kofi").consent_path
    record.write_text(record.read_text().replace("horror", "comedy"))
    found = refusals(episode, catalogue, trust)
    assert "role 'ada': house/ada@1 has no consent that counts: its record is missing" in found[0]
    assert found[1].endswith("its record was changed after it was signed (clause signature.ed25519)")
    assert all("signature.key" in line for line in refusals(episode, catalogue, Trust(()))[1:])


def test_the_package_that_the_episode_pins_must_be_the_one_consented_to(office) -> None:
    episode, catalogue, trust = office
    role = Role(name="ada", performer=PerformerRef(id="house/ada", version=1, digest="0" * 64))
    found = refusals(replace(episode, cast={"ada": role}), catalogue, trust)
    assert "is not for the package 000000000000… that the episode pins (clause package_sha256)" in found[0]


def test_a_performer_who_left_the_catalogue_is_refused(office) -> None:
    episode, catalogue, trust = office
    catalogue.find("house/ada").path.unlink()
    assert "cannot be found" in refusals(episode, catalogue, trust)[0]


def test_a_refusal_crosses_a_process_boundary_and_ends_with_3(office) -> None:
    episode, catalogue, trust = office
    with pytest.raises(NotConsented) as caught:
        rights.check(asking(episode, genres=("horror",)), catalogue, trust, NOW)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.exit_code == 3


def test_the_statement_says_what_allows_each_role(office) -> None:
    episode, catalogue, trust = office
    found = rights.statement(episode, catalogue, trust, datetime(2026, 12, 1, tzinfo=UTC))
    assert set(found) == {"ada", "bo"}
    assert found["bo"]["performer"] == "house/kofi@1"
    assert found["bo"]["digest"] == episode.cast["bo"].performer.digest
    assert found["bo"]["fictional"] is True and found["bo"]["genres"] == ["drama"]
    assert len(found["bo"]["consent"]) == 64
    json.dumps(found)  # goes into the report as it is
