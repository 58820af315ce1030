"""Sounds and their times."""

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from actors.perform.letters import letters_to_phones, spoken_words
from actors.perform.speech import RATE, TextDoesNotMatch, UnreadableAudio, loudness, phones, read_audio

PILOT = Path(__file__).parents[3] / "jobs" / "pilot" / "audio"
LINE = PILOT / "kofi_0060.flac"
WORDS = "Three years! You let me water plastic?"


def _write(path: Path, samples: np.ndarray, rate: int = RATE, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.repeat(np.round(samples * 32767).astype("<i2"), channels).tobytes())
    return path


def test_a_line_of_the_pilot_aligns_to_ordered_phones_that_fill_the_recording() -> None:
    found = phones(LINE, WORDS)
    assert found[0].start == 0
    assert all(a.end == b.start and a.end > a.start for a, b in pairwise(found))
    assert found[-1].end == pytest.approx(len(read_audio(LINE)) / RATE)
    spoken = [phone.name for phone in found if phone.name != "SIL"]
    assert spoken[:3] == ["TH", "R", "IY"]
    assert spoken[-7:] == ["P", "L", "AE", "S", "T", "IH", "K"]


def test_the_silence_between_two_phrases_is_found() -> None:
    found = phones(LINE, WORDS)
    pause = [p for p in found if p.name == "SIL" and 0.5 < p.start < 1.2]
    quiet = loudness(read_audio(LINE), np.array([(pause[0].start + pause[0].end) / 2]))
    assert len(pause) == 1
    assert quiet[0] < 0.2


def test_without_text_the_sounds_are_recognised() -> None:
    found = phones(LINE, None)
    aligned = phones(LINE, WORDS)
    times = np.linspace(0.1, found[-1].end - 0.1, 200)

    def silent(list_: tuple) -> np.ndarray:
        return np.array([next(p.name for p in list_ if p.start <= t < p.end) == "SIL" for t in times])

    assert len({p.name for p in found}) > 8
    assert (silent(found) == silent(aligned)).mean() > 0.85


def test_a_word_that_no_dictionary_has_is_sounded_out_and_aligned() -> None:
    found = phones(LINE, "Three years! You let me water plastik?")
    assert [p.name for p in found if p.name != "SIL"][-7:] == ["P", "L", "AE", "S", "T", "IH", "K"]


def test_letters_become_phones_by_rule() -> None:
    assert letters_to_phones("shplinge")[0] == "SH"
    assert letters_to_phones("blate") == ("B", "L", "EY", "T")
    assert letters_to_phones("knobb")[0] == "N"
    assert letters_to_phones("???") == ("AH",)


def test_digits_and_stage_directions_are_read_as_they_are_spoken() -> None:
    assert spoken_words("It's 1,204 steps (sighs) — “up”.") == (
        "it's", "one", "thousand", "two", "hundred", "four", "steps", "up",
    )  # fmt: skip


def test_another_rate_and_two_channels_are_brought_to_the_model(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(np.arange(48000) * 2 * np.pi * 300 / 48000)
    samples = read_audio(_write(tmp_path / "tone.wav", tone, 48000, 2))
    assert abs(len(samples) - RATE) < 40
    assert np.abs(samples).max() == pytest.approx(0.3, abs=0.02)


def test_silence_is_one_silence(tmp_path: Path) -> None:
    found = phones(_write(tmp_path / "still.wav", np.zeros(RATE)), "Hello")
    assert [(p.name, p.start, p.end) for p in found] == [("SIL", 0.0, 1.0)]


@pytest.mark.parametrize("content", [b"", b"not sound at all", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_bad_audio_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(UnreadableAudio, match=r"bad\.wav"):
        phones(path, "Hello")


def test_missing_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio, match="no such file"):
        phones(tmp_path / "none.wav", None)


def test_a_recording_far_too_short_for_its_text_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE // 10)
    with pytest.raises(TextDoesNotMatch, match="correct the text"):
        phones(_write(tmp_path / "short.wav", noise), "A whole sentence of many words that cannot fit in here")
