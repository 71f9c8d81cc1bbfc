"""The screens. They draw what the client says and hold no rule of their own."""
