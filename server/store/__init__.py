"""The database and the only SQL: one file per noun, its table first, then the questions asked of it."""
