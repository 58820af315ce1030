"""Performer packages and how they move: blendshapes, bones and the Gaussians bound to them."""
