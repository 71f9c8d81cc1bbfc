"""The coercion drill: who has to be bent before a device looks for something else, and what that leaves behind.

The real publishers, log, desk and devices play; each row is what they did, and not what somebody says that they do.
"""
