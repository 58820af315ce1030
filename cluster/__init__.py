"""Where the work runs: settings, Ray sessions, breakdown, hosts and their dispatcher."""
