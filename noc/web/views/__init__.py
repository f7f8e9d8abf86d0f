"""One page a module: what it reads, and in what shape its template gets it."""
