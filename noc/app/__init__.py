"""App: the only room that knows all others; build.py joins them."""
