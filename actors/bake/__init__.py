"""How house performers are made: from a recipe to a package that renders without anny."""
