"""An honest but curious observer at a relay: what it notes down while people write to each other, and what it infers.

`seen` is its notes, `script` the people, `guessing` what it makes of its notes and how often it is right, `table` the
page that says so.
"""
