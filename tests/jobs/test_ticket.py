import stat
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.ticket import KeyUnusable, SignedTicket, Ticket, TicketRefused, open_ticket, public_bytes, sign, ticket_key
from tests.cluster import stand_in

EPISODE = stand_in.episode(scenes=1, shots=1)
TICKET = Ticket(
    id="t1",
    take_key="k",
    host_id="h1",
    token=4,
    expires_at=100.0,
    shot=EPISODE.shots[0],
    scene=EPISODE.scenes[0],
    episode=EPISODE,
    packages={},
)


def test_a_ticket_comes_back_as_it_was_signed(tmp_path: Path) -> None:
    key = ticket_key(tmp_path)
    assert open_ticket(sign(TICKET, key), public_bytes(key), "h1", 50.0) == TICKET


def test_a_changed_ticket_is_refused_before_it_is_unpickled(tmp_path: Path) -> None:
    key = ticket_key(tmp_path)
    signed = sign(TICKET, key)
    bomb = b"cos\nsystem\n(S'exit 1'\ntR."  # would run a command if it were unpickled
    with pytest.raises(TicketRefused, match="signature"):
        open_ticket(SignedTicket(bomb, signed.signature), public_bytes(key), "h1", 50.0)


def test_a_ticket_signed_by_somebody_else_is_refused(tmp_path: Path) -> None:
    signed = sign(TICKET, ticket_key(tmp_path / "theirs"))
    with pytest.raises(TicketRefused, match="signature"):
        open_ticket(signed, public_bytes(ticket_key(tmp_path / "ours")), "h1", 50.0)


def test_an_old_ticket_or_one_for_another_host_is_refused(tmp_path: Path) -> None:
    key = ticket_key(tmp_path)
    with pytest.raises(TicketRefused, match="expired 20 s ago"):
        open_ticket(sign(TICKET, key), public_bytes(key), "h1", 120.0)
    with pytest.raises(TicketRefused, match="for h1, not for h2"):
        open_ticket(sign(TICKET, key), public_bytes(key), "h2", 50.0)


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = ticket_key(tmp_path)
    assert public_bytes(ticket_key(tmp_path)) == public_bytes(first)
    assert stat.S_IMODE((tmp_path / "ticket.pem").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["ticket.pem"]


def test_a_spoilt_key_is_said_to_be_unusable(tmp_path: Path) -> None:
    (tmp_path / "ticket.pem").write_text("nonsense")
    with pytest.raises(KeyUnusable, match="remove the file"):
        ticket_key(tmp_path)


def test_tickets_of_one_shot_differ_by_token(tmp_path: Path) -> None:
    key = ticket_key(tmp_path)
    assert sign(TICKET, key).body != sign(replace(TICKET, token=5), key).body
