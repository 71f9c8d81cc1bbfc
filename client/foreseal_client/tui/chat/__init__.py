"""`foreseal chat` on a screen: it draws what the desk tells it, and holds no rule."""
