"""The spool: a queue on disk between the pipeline and a store. What it has taken survives a kill at any moment."""
