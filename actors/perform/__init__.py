"""Acting: what a cue says becomes what a face and a body do."""

from actors.perform.perform import perform, shifted
from actors.perform.visemes import closures

__all__ = ["closures", "perform", "shifted"]
