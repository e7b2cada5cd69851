"""Run the migrations on the connection that ``contrapeso.store`` gives, inside its transaction."""

from alembic import context

from contrapeso.store._migrate import VERSION_TABLE
from contrapeso.store._models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
