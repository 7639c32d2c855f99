"""What citygrow adds to the Jupyter server that it starts, here or on Binder; other servers are left as they are."""

from citygrow_nb.server.extension import _jupyter_server_extension_points, _load_jupyter_server_extension

# Names that Jupyter looks for.
__all__ = ["_jupyter_server_extension_points", "_load_jupyter_server_extension"]
