"""Foreseal's client: people, keys, conversations and screens."""
