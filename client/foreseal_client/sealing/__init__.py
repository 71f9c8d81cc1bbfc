"""Keys, handshake, ratchet, letter, sealed sender, attachments: the only room that touches ciphers.

Everything here is synchronous and takes bytes; what has to be kept is handed back to the caller to store.
"""
