"""Who signs in to the console, and by which rules. Pure: values in, values out; only passwords take their time."""
