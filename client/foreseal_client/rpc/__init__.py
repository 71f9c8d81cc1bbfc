"""The headless client: the same `Messenger` and `Device` as the screens', spoken to in JSON-RPC 2.0.

A program in any language writes one JSON object a line and reads answers and notifications. Method names are those of
signal-cli where it has them. `openrpc.py` makes the published description from the types in here.
"""
