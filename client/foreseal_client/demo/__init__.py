"""The demo: two people and one relay on this machine, everything real, every claim checked."""
