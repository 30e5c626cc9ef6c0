"""Heed on (batch, sequence, head, dim) buffers."""

from peers.heed_common import VERSION, VERSION_OF, prepare_in  # noqa: F401

prepare = prepare_in((0, 2, 1, 3))
