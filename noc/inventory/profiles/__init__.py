"""Profiles: device families as data.

`text` is what people write, `compile` turns it into what `compiled` holds, `load` finds the files and picks.
"""
