"""What a director's words ask for: free text in, an emotion out, and the words that were not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from actors.perform import lexicon
from actors.perform.lexicon import EMOTIONS

NAMES = tuple(EMOTIONS)
_REACH = 3  # words; a strength or a negation speaks of what follows at most this far on


@dataclass(frozen=True, slots=True)
class Emotion:
    """How strongly each emotion of EMOTIONS is felt, and how much of it is held in."""

    weights: tuple[float, ...] = (0.0,) * len(NAMES)  # 0..1.4, order NAMES; 1 is the plain word
    restraint: float = 0.0  # 0 shows everything, 1 hides it

    def __getitem__(self, name: str) -> float:
        return self.weights[NAMES.index(name)]

    @property
    def valence(self) -> float:
        """-1 unpleasant .. 1 pleasant."""
        return _mean(self.weights, [EMOTIONS[name][0] for name in NAMES])

    @property
    def arousal(self) -> float:
        """-1 drowsy .. 1 excited; held-in feelings excite less."""
        return _mean(self.weights, [EMOTIONS[name][1] for name in NAMES]) * (1 - 0.4 * self.restraint)

    @property
    def strength(self) -> float:
        """The strongest emotion's weight."""
        return max(self.weights)


@dataclass(frozen=True, slots=True)
class Reading:
    """A direction, understood: from one emotion to another over the shot."""

    start: Emotion
    end: Emotion  # the same as ``start`` where the direction names no turn
    guessed: tuple[str, ...] = ()  # words known only as pleasant or unpleasant
    unknown: tuple[str, ...] = ()  # words that changed nothing


def _mean(weights: tuple[float, ...], values: list[float]) -> float:
    total = sum(weights)
    return sum(w * v for w, v in zip(weights, values, strict=True)) / max(total, 1.0)


@lru_cache(maxsize=1024)
def understood(direction: str) -> Reading:
    """Reads a direction; one that says nothing, or nothing known, is neutral."""
    text = re.sub(r"[^\w\s'-]", lambda mark: " , " if mark.group() in ",;:.—–" else " ", direction.lower())
    text = " ".join(text.replace("’", "'").split())
    text = f" {text} "
    for phrase in lexicon.phrases():
        text = text.replace(f" {phrase.replace('_', ' ')} ", f" {phrase} ")
    text = re.sub(r" (?:from) (.+?) to (?!\w+_)", r" \1 turns_to ", text)
    before, after, rising = _split(text.split())
    guessed: dict[str, None] = {}
    unknown: dict[str, None] = {}
    end = _emotion(after, guessed, unknown)
    if before is None:
        start = end
    else:
        start = _emotion(before, guessed, unknown)
        if rising:  # what it breaks through stays underneath
            kept = tuple(max(e, 0.45 * s) for e, s in zip(end.weights, start.weights, strict=True))
            end = Emotion(kept, end.restraint)
    return Reading(start, end, tuple(guessed), tuple(unknown))


def _split(tokens: list[str]) -> tuple[list[str] | None, list[str], bool]:
    """(what is felt first or None, what is felt last, does the first stay underneath)."""
    for place, token in enumerate(tokens):
        if token in lexicon.TURNS and place and place + 1 < len(tokens):
            return tokens[:place], tokens[place + 1 :], False
        if token in lexicon.RISINGS:
            begin = max((i + 1 for i in range(place) if tokens[i] in {",", "and", "but"}), default=0)
            through = tokens[place + 1 :]
            return [*tokens[:begin], *through], tokens[begin:place] + tokens[:begin], True
        if token in lexicon.LEAVINGS and place:
            begin = max((i + 1 for i in range(place) if tokens[i] in {",", "and", "but"}), default=0)
            return tokens[begin:place], tokens[:begin] + tokens[place + 1 :], False
    return None, tokens, False


def _emotion(tokens: list[str], guessed: dict[str, None], unknown: dict[str, None]) -> Emotion:
    weights = dict.fromkeys(NAMES, 0.0)
    restraint = 0.0
    strength, strength_left = 1.0, 0
    negated = suppressed = 0
    for token in tokens:
        if token == ",":
            strength_left = negated = 0
            continue
        known = _meaning(token)
        feels = bool(known)
        if token in lexicon.SUPPRESSIONS:
            suppressed, restraint = _REACH, restraint + 0.5
        elif token in lexicon.NEGATIONS:
            negated = _REACH
        else:
            if token in lexicon.STRENGTHS and not (feels and token not in {"great", "light", "pure"}):
                strength = strength * lexicon.STRENGTHS[token] if strength_left else lexicon.STRENGTHS[token]
                strength_left = _REACH + 1
            held = lexicon.RESTRAINTS.get(token)
            if held is not None:
                restraint += held * (0.3 if negated else 1.0)
            if feels:
                factor = strength if strength_left else 1.0
                if suppressed:
                    factor *= 0.6
                for name, value in known.items():
                    value = -0.7 * value if negated else value * factor
                    weights[name] = weights[name] + value if negated else max(weights[name], value)
            elif held is None and token not in lexicon.STRENGTHS and token not in lexicon.SILENT:
                valence = _valence(token)
                if abs(valence) >= 1.0:
                    guessed[token] = None
                    name = "joy" if valence > 0 else "sadness"
                    sign = -0.5 if negated else 1.0
                    weights[name] = max(weights[name], sign * min(0.6, 0.25 * abs(valence)))
                elif token.strip("'-") and not token.isdigit():
                    unknown[token] = None
        strength_left, negated, suppressed = max(strength_left - 1, 0), max(negated - 1, 0), max(suppressed - 1, 0)
    restraint = min(max(restraint, 0.0), 0.85)
    return Emotion(tuple(min(max(weights[name], 0.0), 1.4) for name in NAMES), restraint)


def _meaning(token: str) -> Mapping[str, float]:
    """The emotions of a word in any of its forms; empty if it names none."""
    if token in lexicon.RESTRAINTS and token not in lexicon.words():
        return {}
    if token in lexicon.SILENT:
        return {}
    for form in _forms(token):
        if form in lexicon.words():
            return lexicon.words()[form]
    return {}


def _forms(word: str) -> Iterator[str]:
    """The word and the plainer words it may come from: "sadly" -> "sad", "joyfully" -> "joy"."""
    yield word
    word = word.removesuffix("'s")
    for ending, plain in (
        ("iness", "y"), ("ness", ""), ("ily", "y"), ("fully", ""), ("fully", "ful"), ("ically", "ic"), ("ably", "able"),
        ("ibly", "ible"), ("ly", ""), ("ly", "le"), ("ful", ""), ("ingly", ""), ("ingly", "ing"), ("ingly", "e"),
        ("edly", "ed"), ("ened", ""), ("ening", ""), ("ied", "y"), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ing", ""),
        ("ing", "e"), ("ing", "ed"), ("ance", "ant"), ("ence", "ent"), ("ment", ""), ("ment", "ed"), ("ion", "ed"),
        ("ation", "ated"), ("ity", ""), ("s", ""), ("er", ""), ("ier", "y"), ("est", ""), ("iest", "y"),
        ("ent", "ence"), ("ish", ""), ("y", ""), ("", "ed"), ("e", "ing"), ("", "ing"), ("y", "ied"),
        ("ive", "ion"), ("", "ful"),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield word[: len(word) - len(ending)] + plain


@lru_cache(maxsize=1)
def _vader() -> dict[str, float]:
    """Word -> valence -4..4 (Hutto & Gilbert, VADER, 2014)."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().lexicon


def _valence(word: str) -> float:
    for form in _forms(word):
        if form in _vader():
            return _vader()[form]
    return 0.0
