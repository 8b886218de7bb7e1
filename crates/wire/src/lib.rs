//! Every serialized boundary, versioned: agent to Worker, Worker to console, stored state.
