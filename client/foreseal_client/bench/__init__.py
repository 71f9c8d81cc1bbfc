"""Measuring on this machine: what a check finds, what it costs, and how often it could be wrong.

Times are for ratios within one run, beside other programs where they are installed. Made-up entries measure speed and
nothing else: uniformly random fingerprints are never near each other, so they say nothing of false matches. Photographs
say what looks find and how near they bring strangers.
"""
