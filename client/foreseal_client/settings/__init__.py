"""What a person set, where they set it, and which of several places counts."""
