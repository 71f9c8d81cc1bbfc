"""`foreseal chat --plain`: the same chat in lines, for screen readers, pipes, logs and tests. Holds no rule."""
