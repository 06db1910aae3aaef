"""The law engine: facts of one child in, judgements out. Pure; the rules are data in ``profiles/*.toml``."""
