//! The edge's logic without its platform: sync, profiles, coupons, conversations over a small SQL interface.
