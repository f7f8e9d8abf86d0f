"""Reports: the file name is the name (`noc report availability`); docs/extend/report.md says how to add one.

`frame` is what all are made with, `render` makes files of them.
"""
