import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.catalogue import Catalogue, PerformerEntry
from jobs.consent import BadConsent, sign_consent, signed_bytes, verify
from jobs.house_terms import house_terms
from jobs.keys import SigningKey, signing_key
from jobs.sign_house import sign_house
from jobs.trust import BadTrustList, Trust, TrustedKey, load_trust, write_trust
from tests.jobs.sheet_example import make_house


@dataclass
class Office:
    """Where consent is signed: one performer, one key, one trust list."""

    entry: PerformerEntry
    key: SigningKey
    trust: Trust

    def record(self) -> dict:
        return json.loads(self.entry.consent_path.read_text())

    def rewrite(self, record: dict) -> None:
        self.entry.consent_path.write_text(json.dumps(record))

    def sign_again(self, record: dict) -> None:
        """A record that is signed by the right key, whatever it says."""
        record["signature"] = {"key": self.key.id, "ed25519": self.key.sign(signed_bytes(record)).hex()}
        self.rewrite(record)

    def refusal(self, trust: Trust | None = None) -> BadConsent:
        with pytest.raises(BadConsent) as caught:
            verify(self.entry, trust or self.trust)
        return caught.value


def trusted(key: SigningKey, performers: str = "house/") -> Trust:
    return Trust((TrustedKey(name="House", ed25519=key.public.hex(), performers=performers),))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    entry = Catalogue([make_house(tmp_path)]).find("house/kofi")
    key = signing_key(tmp_path / "home", "consent")
    sign_consent(entry, house_terms()["kofi"], key)
    return Office(entry, key, trusted(key))


def test_a_signed_record_is_accepted(office: Office) -> None:
    consent = verify(office.entry, office.trust)
    assert (consent.performer, consent.version, consent.package_sha256) == ("house/kofi", 1, office.entry.ref.digest)
    assert consent.terms == house_terms()["kofi"]
    assert [path.name for path in office.entry.consent_path.parent.iterdir() if path.name.startswith(".")] == []


def test_layout_does_not_break_a_signature_and_any_other_change_does(office: Office) -> None:
    office.entry.consent_path.write_text(json.dumps(office.record(), indent=7, sort_keys=True))
    verify(office.entry, office.trust)
    changes: list[Callable[[dict], object]] = [
        lambda record: record["terms"]["genres"].update(refused=[]),
        lambda record: record["terms"].update(training=True),
        lambda record: record["terms"].update(expires="2099-01-01T00:00:00+00:00"),
        lambda record: record["terms"]["media"].append("advertising"),
        lambda record: record["terms"].update(notes="anything goes"),
        lambda record: record.update(version=2),
        lambda record: record.update(performer="house/mei"),
        lambda record: record.update(package_sha256="0" * 64),
        lambda record: record["signature"].update(ed25519="0" * 128),
    ]
    signed = office.record()
    for change in changes:
        record = json.loads(json.dumps(signed))
        change(record)
        office.rewrite(record)
        assert office.refusal().clause == "signature.ed25519"


def test_a_missing_record_is_told(office: Office) -> None:
    office.entry.consent_path.unlink()
    assert office.refusal().clause == "record" and "is missing" in str(office.refusal())


def test_a_key_outside_the_trust_list_does_not_count(office: Office, tmp_path: Path) -> None:
    other = signing_key(tmp_path, "other")
    assert office.refusal(trusted(other)).clause == "signature.key"


def test_a_key_counts_only_for_its_own_performers(office: Office) -> None:
    assert office.refusal(trusted(office.key, "guests/")).clause == "signature.key"
    assert office.refusal(trusted(office.key, "house/ada")).clause == "signature.key"
    assert verify(office.entry, trusted(office.key, "house/kofi"))


def test_a_record_of_another_package_or_performer_does_not_count(office: Office) -> None:
    record = office.record()
    office.sign_again({**record, "package_sha256": "0" * 64})
    assert office.refusal().clause == "package_sha256"
    office.sign_again({**record, "version": 2})
    assert office.refusal().clause == "performer"


def test_a_package_that_was_changed_has_no_consent(office: Office, tmp_path: Path) -> None:
    office.entry.path.write_bytes(b"someone else")
    entry = Catalogue([tmp_path / "house"]).find("house/kofi")
    with pytest.raises(BadConsent, match="is for the package"):
        verify(entry, office.trust)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 60_000,
        '{"a": 1, "a": 2}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        " " * 70_000,
    ],
    ids=range(8),
)
def test_a_damaged_record_raises_nothing_but_its_fault(office: Office, text: str) -> None:
    office.entry.consent_path.write_bytes(text.encode("latin-1"))
    error = office.refusal()
    assert error.clause == "record" and error.exit_code == 3
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expires", "soon"),
        ("expires", "2030-01-01T00:00:00"),
        ("expires", "9999-12-31T23:59:59-12:00"),
        ("media", []),
        ("media", ["telepathy"]),
        ("territories", ["XX"]),
        ("genres", {"allowed": []}),
        ("training", "no"),
        ("holder", "\ud800"),
        ("extra", 1),
    ],
)
def test_terms_that_mean_nothing_are_refused(office: Office, name: str, value: object) -> None:
    record = office.record()
    record["terms"][name] = value
    office.entry.consent_path.write_text(json.dumps(record))
    assert office.refusal().clause == "record"
    assert f"terms.{name}" in str(office.refusal())


def test_the_house_is_signed_in_one_go(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    (house / "guest/1").mkdir(parents=True)
    (house / "guest/1/performer.safetensors").write_bytes(b"no terms")
    written = sign_house(tmp_path / "home", house, tmp_path / "trust")
    trust = load_trust(shipped=tmp_path / "trust")
    for entry in Catalogue([house]).entries():
        if entry.ref.id == "house/guest":
            assert not entry.consent_path.exists()
            continue
        consent = verify(entry, trust)
        assert consent.terms.fictional and "fictional person" in consent.terms.notes and not consent.terms.training
        assert entry.card is not None and entry.card.fictional
    assert len(written) == 9


def test_each_house_performer_has_its_own_terms() -> None:
    terms = house_terms()
    assert terms["kofi"].genres.refused == ["horror"]
    assert terms["mei"].ends > terms["ada"].ends
    assert "advertising" not in terms["luca"].media and "advertising" in terms["ada"].media


def test_the_trust_list_is_what_ships_and_what_the_home_adds(tmp_path: Path) -> None:
    one, two = (TrustedKey(name=n, ed25519=d * 64, performers=f"{n}/") for n, d in (("house", "1"), ("guests", "2")))
    write_trust(tmp_path / "shipped/house.json", [one])
    write_trust(tmp_path / "home/trust/guests.json", [two])
    assert load_trust(tmp_path / "home", tmp_path / "shipped").keys == (one, two)
    assert load_trust(None, tmp_path / "shipped").keys == (one,)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"greenroom_trust": 2, "keys": []}', '{"greenroom_trust": 1, "keys": [1]}']
)
def test_a_damaged_trust_list_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "house.json").write_text(text)
    with pytest.raises(BadTrustList, match=r"house.json is not one"):
        load_trust(shipped=tmp_path)
