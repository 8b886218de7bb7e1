//! Standard event names: GA4's for what a shop does, Noren's own for what the agent notices and records.

/// Longest event name in characters. GA4 allows 40 (Google, "Event naming rules"); free names mapped from Segment run longer.
pub const NAME_MAX_CHARS: usize = 100;

/// A page begins: load, restore, activation or a change of path. Props: `page_location page_path page_title page_referrer`.
pub const PAGE_VIEW: &str = "page_view";
/// An order was placed. Props: `transaction_id value currency items`.
pub const PURCHASE: &str = "purchase";
/// An order was given back, in whole or in part. Props: `transaction_id value`.
pub const REFUND: &str = "refund";
/// An item went into the cart. Props: `value currency items`.
pub const ADD_TO_CART: &str = "add_to_cart";
/// An item left the cart. Props: `value currency items`.
pub const REMOVE_FROM_CART: &str = "remove_from_cart";

/// The cart was looked at. Props: `value currency items`.
pub const VIEW_CART: &str = "view_cart";
/// An item was looked at. Props: `value currency items`, of which `item_category` is read.
pub const VIEW_ITEM: &str = "view_item";

/// The page was scrolled to a new depth. Props: `percent_scrolled`.
pub const SCROLL: &str = "scroll";
/// The pointer left towards the top edge of the window.
pub const EXIT_INTENT: &str = "exit_intent";
/// No input for a while.
pub const IDLE: &str = "idle";
/// The tab went to the background.
pub const TAB_HIDDEN: &str = "tab_hidden";
/// Something was clicked. Props: `link_url link_text element_id`.
pub const CLICK: &str = "click";

/// An opened decision reached its arm. Props: `campaign variant arm phase`.
pub const EXPOSURE: &str = "noren_exposure";
/// An opened decision was stopped by a gate. Props: `campaign gate`.
pub const SUPPRESSED: &str = "noren_suppressed";
/// A widget was painted. Props: `campaign variant`.
pub const IMPRESSION: &str = "noren_impression";
/// A widget was closed by the visitor. Props: `campaign variant how`.
pub const CLOSE: &str = "noren_close";
/// A widget's button was followed. Props: `campaign variant`.
pub const WIDGET_CLICK: &str = "noren_click";
/// A widget could not be shown. Props: `campaign variant why`.
pub const FAILED: &str = "noren_failed";

/// The visitor answered one of the site's questions. Props: `name value`, and `campaign` where one asked.
pub const ANSWER: &str = "noren_answer";

/// The site says who this is. Props: `user_id traits proof`.
pub const IDENTIFY: &str = "identify";
/// Logout: what follows belongs to a new epoch.
pub const RESET: &str = "reset";
/// The visitor answered the question for consent. Props: `answer`.
pub const CONSENT: &str = "consent";

/// Whether a name is one of Noren's own records about its campaigns, which rules of other campaigns do not count as activity.
pub fn is_record(name: &str) -> bool {
    name.starts_with("noren_")
}
