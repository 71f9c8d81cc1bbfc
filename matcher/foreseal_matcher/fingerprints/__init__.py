"""Fingerprints of pictures and digests of files."""
