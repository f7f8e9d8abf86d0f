"""Settings: YAML in, checked values out, each error with its file, line and column."""
