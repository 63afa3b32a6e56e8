"""Double-entry bookkeeping of what bookings earn and owe. Pure: values in, values out."""
