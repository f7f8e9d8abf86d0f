"""State: what must survive. SQLAlchemy Core and Alembic on SQLite (WAL, synchronous=FULL); one file a table family."""
