"""Words, numbers and dates in the six official languages of the United Nations; docs/extend/language.md."""
