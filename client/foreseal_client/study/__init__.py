"""A study: what the check catches, whom it hurts, what it costs and what it gives away, on somebody's own photographs.

A study is a set of cells, frozen values that say what to measure. Each goes through one executor and leaves its samples
in `samples.csv` at once; what is reported is worked out from those samples and from nothing else.
"""
