"""The nurses' week in a SQLite file or a PostgreSQL database: `sql.SqlReviews`, and `keys.SqlKeys` for the sign-in."""
