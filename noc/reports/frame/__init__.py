"""What reports are made with: the document, what is asked, what is read, the registry, what changed between two."""
