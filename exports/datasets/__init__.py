"""Tables of answers as files: rows in, bytes out, in constant memory."""
