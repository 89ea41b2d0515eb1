"""An image for clouds whose guests do not really boot."""


def empty_qcow2(size: int) -> bytes:
    """The smallest qcow2 (version 2) image of a virtual size in bytes: header, refcounts, an empty L1 table."""
    cluster = 1 << 16
    header = b"QFI\xfb" + b"".join(
        value.to_bytes(width, "big")
        for value, width in (
            (2, 4),  # version
            (0, 8),  # no backing file
            (0, 4),
            (16, 4),  # cluster bits
            (size, 8),
            (0, 4),  # no encryption
            (1, 4),  # L1 entries
            (3 * cluster, 8),  # L1 table
            (cluster, 8),  # refcount table
            (1, 4),  # refcount clusters
            (0, 4),  # no snapshots
            (0, 8),
        )
    )
    refcount_table = (2 * cluster).to_bytes(8, "big").ljust(cluster, b"\0")
    refcounts = (b"\0\1" * 4).ljust(cluster, b"\0")
    return header.ljust(cluster, b"\0") + refcount_table + refcounts + b"\0" * cluster
