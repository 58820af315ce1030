"""The names a call sheet may use; what renders them lives in ``actors``."""

FRAMINGS = ("extreme-close-up", "close-up", "medium-close-up", "over-the-shoulder", "two-shot")
LIGHTS = ("window-left", "window-right", "overcast", "golden-hour", "night-blue", "noir", "studio-soft")
SETS = ("loft", "diner", "garden")  # sets made of splats that ship with Greenroom
LOOKS = ("splat",)
GAZES = ("camera", "down", "up", "away")
