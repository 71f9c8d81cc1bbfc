"""Decoding apart: a process of its own for bytes that a large C library is fed, so that what breaks is not the chat.

`running` starts it and reads what it says, `confinement` is what the process takes from itself before it sees a byte,
`messages` is what is said between the two, and `films` is the program that decodes films there.
"""
