"""Collectors: each module asks one kind of question of a device and answers with one Reading."""
