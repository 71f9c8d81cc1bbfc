"""Measuring what a check costs on this machine, beside other programs where they are installed.

Figures are for ratios within one run. Made-up entries measure speed and nothing else: uniformly random fingerprints
are never near each other, so they say nothing of false matches.
"""
