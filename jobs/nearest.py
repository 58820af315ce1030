"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

MOST_WORDS = 500  # compared with; a hint is not worth seconds
LONGEST = 80  # characters compared; longer words are nobody's typing slip


def nearest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of ``words`` that looks most like ``word``, or None when none does."""
    by_lower: dict[str, str] = {}
    for known in islice(words, MOST_WORDS):
        by_lower.setdefault(known.lower(), known)
    found = get_close_matches(word[:LONGEST].lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """A hint: the nearest of ``words``, or all of them when they are few; empty when neither helps."""
    known = sorted(set(words))
    found = nearest(word, known)
    if found is not None:
        return f"did you mean {found!r}?"
    if 0 < len(known) <= 12:
        return "use " + (known[0] if len(known) == 1 else "one of " + ", ".join(known))
    return ""


def shown(text: str, limit: int = 60) -> str:
    """``text`` quoted for a message: printable, on one line, cut at ``limit`` characters."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
