"""`foreseal chat` without its face: conversations, cards as values, and what each command does."""
