"""An honest but curious observer at a relay: what it notes down while people write to each other, and what it infers.

`seen` is its notes, `cast` the people, `script` what they do, `guessing` what it makes of its notes and how often it is
right, `together` the part of that about groups, `measuring` a run and the table of it.
"""
