"""``python -m jobs.sign_house [HOME]``: sign the consent of the house performers and publish the key that did.

Run after a bake: a record names the digest of its package. The private key stays in ``HOME/keys``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jobs.catalogue import CARD, Catalogue, house_folder
from jobs.consent import sign_consent, verify
from jobs.house_terms import CARDS, HOLDER, house_terms
from jobs.keys import signing_key
from jobs.trust import SHIPPED, TrustedKey, load_trust, write_trust

KEY = "house-consent"
TRUST_FILE = "house.json"


def sign_house(home: Path, folder: Path, trust_folder: Path = SHIPPED) -> list[Path]:
    """Write card and consent of every performer in ``folder`` that has terms, and the public key; the files written."""
    key = signing_key(home, KEY)
    trust_file = trust_folder / TRUST_FILE
    write_trust(trust_file, [TrustedKey(name=HOLDER, ed25519=key.public.hex(), performers=f"{folder.name}/")])
    written = [trust_file]
    terms = house_terms()
    catalogue = Catalogue([folder])
    trust = load_trust(shipped=trust_folder)
    for entry in catalogue.entries():
        name = entry.ref.id.partition("/")[2]
        if name not in terms:
            continue
        card = entry.path.parent / CARD
        card.write_text(CARDS[name].model_dump_json(indent=2) + "\n", encoding="utf-8")
        written += [card, sign_consent(entry, terms[name], key)]
        verify(entry, trust)
    return written


def main(arguments: list[str]) -> None:
    if arguments:
        home = Path(arguments[0])
    else:
        from platformdirs import user_data_path

        home = user_data_path("greenroom")
    for path in sign_house(home, house_folder()):
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
