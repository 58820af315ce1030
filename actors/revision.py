"""The revision of the engine, part of every take key."""

ENGINE = "1"  # raise it when pixels change by more than 60 dB for the same call sheet: old takes are then made anew
