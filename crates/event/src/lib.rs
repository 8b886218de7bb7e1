//! What happens on a site: values, time, events, signals and their standard names.
