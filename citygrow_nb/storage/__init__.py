"""Where finished files go: a folder on this machine, or a bucket behind any URL that fsspec knows."""

from citygrow_nb.storage.addresses import open_outputs
from citygrow_nb.storage.folder import Folder
from citygrow_nb.storage.outputs import FAILED, Outputs, Standing, is_half_written, is_stale_part

__all__ = ["FAILED", "Folder", "Outputs", "Standing", "is_half_written", "is_stale_part", "open_outputs"]
