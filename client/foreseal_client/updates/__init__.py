"""Updates of hash lists that people can trust: lists travel as a TUF repository, and what its endorsers did not sign is
refused. Takes nothing from the rest of the client but `transparency`, so that somebody else's program can use it
beside the matcher."""
