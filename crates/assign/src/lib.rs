//! Which variant a visitor gets: hashing, bucket ranges, namespaces.
