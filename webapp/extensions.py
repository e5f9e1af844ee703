"""The Flask extensions, unbound; `create_app()` binds them."""

from __future__ import annotations

from flask_sqlalchemy_lite import SQLAlchemy

db = SQLAlchemy(session_options={"expire_on_commit": False, "autoflush": False})
