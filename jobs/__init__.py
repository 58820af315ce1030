"""The work asked for and done: episodes, call sheets, rights, takes, ledger, dispatch, store, conform."""
