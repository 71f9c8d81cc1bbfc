"""Measuring: what a check finds, what it costs, and how often it could be wrong."""
