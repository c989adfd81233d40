"""What a dataset promises and what a study registers: text in, values out."""
