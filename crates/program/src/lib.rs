//! The compiled form of a site's live campaigns: what `rule` writes and `engine` reads.
