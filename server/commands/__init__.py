"""Commands of ``mangnon``: one file per noun. Each reads its arguments, calls one flow and says the result."""
