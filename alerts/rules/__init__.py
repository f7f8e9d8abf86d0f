"""Rules: what people want to hear of, as data: a file each in `config/rules` (docs/extend/rule.md)."""
