"""What one installation renders with: performers, trust, keys, encoder; and the crew made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path

from actors.revision import ENGINE
from cluster.settings import Settings
from jobs import rights
from jobs.catalogue import Catalogue, house_folder
from jobs.episode import Episode, PerformerRef, Scene, Shot
from jobs.keys import signing_key
from jobs.take_key import take_key
from jobs.trust import Trust, load_trust


@dataclass(frozen=True)
class Production:
    """Everything but the episode."""

    settings: Settings
    folders: tuple[Path, ...]  # of performers
    catalogue: Catalogue
    trust: Trust

    @staticmethod
    def here(settings: Settings) -> Production:
        """The production of this installation: the house performers and those under the home folder."""
        folders = (house_folder(), settings.home / "performers")
        return Production(settings, folders, Catalogue(folders), load_trust(settings.home))

    @cached_property
    def watermark_key(self) -> bytes:
        """32 secret bytes; made on first use. Raises BadKey."""
        return signing_key(self.settings.home, "watermark").private.private_bytes_raw()

    @cached_property
    def watermark_id(self) -> str:
        return signing_key(self.settings.home, "watermark").id

    @property
    def certificates(self) -> Path:
        """The folder of the authority that signs masters here."""
        return self.settings.keys / "c2pa"

    @cached_property
    def encoder(self):
        from actors.encode import Encoder

        return Encoder()

    def key(self, episode: Episode, scene: Scene, shot: Shot) -> str:
        """The take key of a shot here."""
        return _key(episode, scene, shot, encoder=asdict(self.encoder), watermark=self.watermark_id)

    def crew(self):
        """The functions that render; they cross to other processes."""
        from cluster.crew import Crew

        packages = {entry.ref.id: entry.path for entry in self.catalogue.entries()}  # the latest version of each
        return Crew(
            key=partial(_key, encoder=asdict(self.encoder), watermark=self.watermark_id),
            shoot=partial(_shoot, watermark_key=self.watermark_key, encoder=self.encoder, packages=packages),
            load=_load,
            permit=partial(_permit, folders=self.folders, home=self.settings.home),
            locate=self._locate,
        )

    def _locate(self, performer: PerformerRef) -> Path:
        return self.catalogue.find(f"{performer.id}@{performer.version}").path


def _key(episode: Episode, scene: Scene, shot: Shot, *, encoder: Mapping, watermark: str) -> str:
    return take_key(episode, scene, shot, encoder=encoder, engine=ENGINE, watermark=watermark)


def _load(package: Path):
    from actors.body.performer import Performer

    return Performer.load(package)


def _permit(episode: Episode, shot: Shot, *, folders: tuple[Path, ...], home: Path) -> None:
    """Consent as it stands now, on the host. Raises RightsRefused."""
    rights.check(episode, Catalogue(folders), load_trust(home), datetime.now(UTC))


def _shoot(
    shot: Shot, scene: Scene, episode: Episode, performers, out: Path, *, watermark_key: bytes, packages, **more
):
    from actors.shoot import shoot
    from actors.watermark import Watermark

    galleries = _galleries(tuple(sorted(packages.items())))
    return shoot(shot, scene, episode, performers, out, watermark=Watermark(watermark_key), galleries=galleries, **more)


@lru_cache(maxsize=4)
def _galleries(packages: tuple[tuple[str, Path], ...]):
    """Face descriptors [G, 128] by performer id, of the latest version of everyone in the catalogue."""
    from actors.body import package

    return {performer: package.read(path).tensors["gallery"] for performer, path in packages}
