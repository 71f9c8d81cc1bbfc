"""A public, append-only log of the lists that were published: values and proofs, and the folder that a log is. Knows
nothing of TUF and opens no socket: who publishes, who fetches and who only watches use the same code."""
