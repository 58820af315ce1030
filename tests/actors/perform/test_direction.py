"""Directors' words."""

import pytest

from actors.perform.direction import Emotion, understood


def _top(emotion: Emotion) -> str:
    from actors.perform.direction import NAMES

    return NAMES[max(range(len(NAMES)), key=lambda i: emotion.weights[i])]


@pytest.mark.parametrize(
    ("direction", "emotion"),
    [
        ("act with subdued sadness", "sadness"),
        ("furious", "anger"),
        ("she is overjoyed", "joy"),
        ("terrified, almost in panic", "fear"),
        ("as if she were bored to death", "fatigue"),
        ("disgustedly", "disgust"),
        ("say it lovingly", "tenderness"),
        ("with growing suspicion and doubt", "thoughtfulness"),
        ("sheepishly", "shame"),
        ("Nervously!", "anxiety"),
        ("scornful", "contempt"),
    ],
)
def test_the_strongest_emotion_is_the_one_that_was_named(direction: str, emotion: str) -> None:
    assert _top(understood(direction).end) == emotion


def test_sarcastic_confidence_is_both() -> None:
    emotion = understood("deliver this line with sarcastic confidence").end
    assert emotion["sarcasm"] == emotion["confidence"] == 1.0
    assert emotion.restraint == 0


def test_subdued_holds_back() -> None:
    assert understood("act with subdued sadness").end.restraint >= 0.4
    assert understood("act with open sadness").end.restraint == 0


def test_strengths_scale_what_follows_them() -> None:
    barely, plain, very = (understood(f"{word} amused").end["amusement"] for word in ("barely", "", "extremely"))
    assert barely < 0.5 * plain
    assert very > 1.2 * plain


def test_not_takes_away_and_trying_not_to_holds_in() -> None:
    assert understood("not angry").end["anger"] == 0
    held = understood("trying not to laugh").end
    assert 0.3 < held["amusement"] < 1
    assert held.restraint >= 0.4


def test_a_turn_has_a_start_and_an_end() -> None:
    reading = understood("from joy to despair")
    assert (_top(reading.start), _top(reading.end)) == ("joy", "sadness")
    reading = understood("the anger drains away, tender")
    assert (_top(reading.start), _top(reading.end)) == ("anger", "tenderness")
    reading = understood("a smile breaks through the sadness")
    assert (_top(reading.start), _top(reading.end)) == ("sadness", "joy")
    assert reading.end["sadness"] > 0.2


def test_valence_and_arousal_follow_the_emotion() -> None:
    assert understood("ecstatic").end.valence > 0.5 > -0.5 > understood("heartbroken").end.valence
    assert understood("furious").end.arousal > 0.5 > 0 > understood("exhausted").end.arousal


def test_a_direction_that_says_nothing_is_neutral() -> None:
    for direction in ("", "neutral", "say the line", "   ...  "):
        reading = understood(direction)
        assert reading.end == Emotion()
        assert reading.unknown == ()


def test_words_that_were_not_understood_are_reported() -> None:
    reading = understood("with blorptastic sadness")
    assert reading.unknown == ("blorptastic",)
    assert reading.end["sadness"] == 1.0


def test_words_known_only_as_pleasant_or_not_are_guessed_and_said_so() -> None:
    reading = understood("a glorious entrance")
    assert "glorious" in reading.guessed
    assert reading.end["joy"] > 0.3
    assert "entrance" in reading.unknown
