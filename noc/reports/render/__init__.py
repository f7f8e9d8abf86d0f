"""Files made of documents: one module a format. The same document gives the same bytes again."""
