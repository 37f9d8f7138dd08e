"""How is what was found told to other tools, as a log in SARIF?"""
