"""What a person hands to a desk, and what the desk can tell of it. Pure values: no store, no connection, no clock."""
