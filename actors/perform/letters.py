# ruff: noqa: SIM905
"""Words to phones where the dictionary has none: numbers are spelled out, letters follow rules of English spelling.

The rules are ours, a small set in the spirit of Elovitz et al., "Letter-to-sound rules for automatic translation of
English text to phonetics" (1976): enough to place a mouth, not to win a spelling contest. Phones are ARPABET, as in
the dictionary that ships with pocketsphinx.
"""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SYMBOLS = {
    "&": " and ",
    "%": " percent ",
    "+": " plus ",
    "@": " at ",
    "$": " dollars ",
    "£": " pounds ",
    "€": " euros ",
}

# (spelling, phones), longest first at each place; ^ is the start and $ the end of the word
_RULES: tuple[tuple[str, str], ...] = (
    ("^kn", "N"), ("^gn", "N"), ("^wr", "R"), ("^ps", "S"), ("^wh", "W"), ("^x", "Z"), ("^who", "HH UW"),
    ("^y", "Y"), ("^re", "R IY"), ("^be", "B IH"), ("^de", "D IH"),
    ("tion", "SH AH N"), ("sion", "ZH AH N"), ("cial", "SH AH L"), ("tial", "SH AH L"), ("cious", "SH AH S"),
    ("tious", "SH AH S"), ("ture$", "CH ER"), ("sure$", "ZH ER"), ("ough", "AO"), ("augh", "AO"), ("eigh", "EY"),
    ("igh", "AY"), ("tch", "CH"), ("dge", "JH"), ("sch", "SH"), ("chr", "K R"), ("sh", "SH"), ("ch", "CH"),
    ("th", "TH"), ("ph", "F"), ("gh", "G"), ("ck", "K"), ("qu", "K W"), ("ng", "NG"), ("nk", "NG K"), ("wh", "W"),
    ("sc", "S K"), ("sce", "S EH"), ("sci", "S AY"), ("cc", "K"), ("gg", "G"), ("mb$", "M"), ("mn$", "M"),
    ("le$", "AH L"), ("les$", "AH L Z"), ("ed$", "D"), ("ted$", "T AH D"), ("ded$", "D AH D"), ("es$", "Z"),
    ("ches$", "CH AH Z"), ("shes$", "SH AH Z"), ("ing$", "IH NG"), ("ings$", "IH NG Z"), ("er$", "ER"),
    ("ers$", "ER Z"), ("or$", "ER"), ("ar$", "ER"), ("ous$", "AH S"), ("y$", "IY"), ("ly$", "L IY"), ("ey$", "IY"),
    ("ie$", "IY"), ("ies$", "IY Z"), ("ee", "IY"), ("ea", "IY"), ("ei", "IY"), ("eu", "UW"), ("ew", "UW"),
    ("oo", "UW"), ("oa", "OW"), ("oe", "OW"), ("oi", "OY"), ("oy", "OY"), ("ou", "AW"), ("ow$", "OW"), ("ow", "AW"),
    ("au", "AO"), ("aw", "AO"), ("ai", "EY"), ("ay", "EY"), ("ae", "IY"), ("ie", "IY"), ("ui", "UW"), ("ue", "UW"),
    ("ar", "AA R"), ("er", "ER"), ("ir", "ER"), ("ur", "ER"), ("or", "AO R"), ("eer", "IH R"), ("ear", "IH R"),
    ("air", "EH R"), ("are$", "EH R"), ("ore$", "AO R"), ("ure$", "Y UH R"), ("ire$", "AY ER"), ("ere$", "IH R"),
    ("al", "AE L"), ("all", "AO L"), ("alk", "AO K"), ("old", "OW L D"), ("ind$", "AY N D"), ("ice$", "AH S"),
    ("ce", "S EH"), ("ci", "S IH"), ("cy", "S IY"), ("ce$", "S"), ("ge$", "JH"), ("gi", "JH IH"), ("gy", "JH IY"),
    ("se$", "Z"), ("ve$", "V"), ("a$", "AH"), ("i$", "IY"), ("o$", "OW"), ("u$", "UW"), ("e$", ""),
    ("bb", "B"), ("dd", "D"), ("ff", "F"), ("ll", "L"), ("mm", "M"), ("nn", "N"), ("pp", "P"), ("rr", "R"),
    ("ss", "S"), ("tt", "T"), ("zz", "Z"), ("a", "AE"), ("b", "B"), ("c", "K"), ("d", "D"), ("e", "EH"), ("f", "F"),
    ("g", "G"), ("h", "HH"), ("i", "IH"), ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("o", "AA"),
    ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("u", "AH"), ("v", "V"), ("w", "W"), ("x", "K S"),
    ("y", "IH"), ("z", "Z"),
)  # fmt: skip
_LONG = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_BY_SPELLING = dict(_RULES)
_WIDEST = max(len(spelling) for spelling in _BY_SPELLING)


def number_words(value: int) -> list[str]:
    """A whole number as it is said, from 0 to 999,999,999."""
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            rest = value % size
            return [*number_words(value // size), name, *(number_words(rest) if rest else [])]
    if value < 20:
        return [_ONES[value]]
    return [_TENS[value // 10], *([_ONES[value % 10]] if value % 10 else [])]


def spoken_words(text: str) -> tuple[str, ...]:
    """The words of a line as they are spoken: lower case, no punctuation, digits as words."""
    text = text.lower().replace("’", "'").replace("‘", "'")
    text = re.sub(r"[\[(*].*?[\])*]", " ", text)  # stage directions inside the line are not spoken
    for symbol, name in _SYMBOLS.items():
        text = text.replace(symbol, name)
    words: list[str] = []
    for token in re.findall(r"\d[\d,]*|[^\W\d_]+(?:'[^\W\d_]+)*'?", text):
        if token[0].isdigit():
            digits = token.replace(",", "")
            spelled = number_words(int(digits)) if len(digits) <= 9 else [_ONES[int(digit)] for digit in digits]
            words.extend(spelled)
        else:
            words.append(token)
    return tuple(words)


def letters_to_phones(word: str) -> tuple[str, ...]:
    """ARPABET phones of a word by rules; never empty for a word with a letter of the Latin alphabet."""
    plain = "^" + re.sub(r"[^a-z]", "", word.lower().translate(_PLAIN)) + "$"
    place, phones = 1, []
    while place < len(plain) - 1:
        magic = re.match(r"([aeiouy])([bcdfgklmnpstvz])e(s?)\$", plain[place:])  # "plate": long vowel, silent e
        if magic and place > 1:
            vowel, consonant, plural = magic.groups()
            soft = {"c": "S", "g": "JH"}.get(consonant) or _BY_SPELLING[consonant]
            phones += [_LONG[vowel], soft, *(["Z"] if plural else [])]
            break
        for width in range(_WIDEST, 0, -1):
            if place == 1 and "^" + plain[place : place + width] in _BY_SPELLING:
                found = "^" + plain[place : place + width]
            elif plain[place : place + width] in _BY_SPELLING and not plain[place : place + width].startswith("$"):
                found = plain[place : place + width]
            else:
                continue
            phones += _BY_SPELLING[found].split()
            place += len(found.strip("^$"))
            if found.endswith("$"):
                place = len(plain)
            break
    return tuple(phones) or ("AH",)


_PLAIN = str.maketrans("àáâãäåçèéêëìíîïñòóôõöøùúûüýÿß", "aaaaaaceeeeiiiinoooooouuuuyys")
