"""How answers leave: the ministry's workbook and other files, from plain rows to bytes."""
