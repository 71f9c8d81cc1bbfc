"""The demo in a browser of this machine: a page, and behind each window of it a screen in a process of its own."""
