"""What does a whole rule look like, and how do two rules stand to each other?"""
