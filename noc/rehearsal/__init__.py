"""The rehearsal: who would be called, when and for what, if this happened; in virtual time, by the real code."""
