"""Who may do what: pure rules over plain data."""
