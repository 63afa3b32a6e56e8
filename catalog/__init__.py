"""What is sold: services, providers, workers, places, slots, quotes. Pure: values in, values out."""
