"""Finding the same child in many lists: names and birth dates as families give them, candidates, score and reasons."""
