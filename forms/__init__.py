"""What is asked: forms as data, from a spreadsheet to typed answers. Imports nothing else of ours."""
