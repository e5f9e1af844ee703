"""Mail owns the page of the settings on which an owner says by which server mail leaves, and tries it."""
