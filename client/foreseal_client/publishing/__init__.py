"""Publishing hash lists as a TUF repository: keys of endorsers, what waits for their signatures, what is published."""
