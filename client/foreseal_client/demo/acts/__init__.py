"""Carrying steps out: one function for each word of the vocabulary, by what it is about."""
