"""What is known of weaknesses, and of the names of each language? The tables stand beside, one for a kinship of languages."""
