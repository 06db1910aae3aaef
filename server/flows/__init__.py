"""One file per thing that people do: load, decide, store, tell the audit log. No request here, and no commit."""
