"""The performers and the picture: body, splats, groom, performance, light, look, judge, host."""
