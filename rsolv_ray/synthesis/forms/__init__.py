"""Which rules can be made of an edit? One module for each form that an edit may take; `propose` asks them all."""
