"""Foreseal's relay: envelopes in, envelopes out. It can open none of them."""
