"""Acting: what a cue says becomes what a face and a body do."""
