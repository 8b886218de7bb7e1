//! The door for GA4's `dataLayer`: what a push means as an event. Names and fields follow Google's "Measure ecommerce" guide for
//! Tag Manager: `{event: NAME, ecommerce: {...}}`, preceded by `{ecommerce: null}` to clear the previous object.

use crate::names;
use crate::value::Value;

/// The event that a `dataLayer` push stands for, or `None` if the push is not an event of interest.
///
/// `ecommerce` members become properties beside the push's own other members (the push's own win); the push's name is kept as it is.
/// Tag Manager's own lifecycle (`gtm.*`) and `page_view` (the agent makes its own, at the right moment) are left out. Arguments
/// objects of `gtag('event', name, params)` arrive as lists and are understood.
pub fn event_of(push: &Value) -> Option<(Box<str>, Value)> {
    let (name, own) = match push {
        Value::Map(_) => (push.get("event")?.as_str()?, push),
        Value::List(args) => match (args.first()?.as_str()?, args.get(1)?.as_str()?) {
            ("event", name) => (name, args.get(2).unwrap_or(&crate::value::NULL)),
            _ => return None,
        },
        _ => return None,
    };
    if name.is_empty()
        || name.starts_with("gtm.")
        || name == names::PAGE_VIEW
        || name.chars().count() > names::NAME_MAX_CHARS
    {
        return None;
    }
    let mut props = match own.get("ecommerce") {
        Some(Value::Map(pairs)) => Value::Map(pairs.clone()),
        _ => Value::Map(Vec::new()),
    };
    if let Value::Map(pairs) = own {
        for (key, value) in pairs {
            if !matches!(&**key, "event" | "ecommerce" | "eventCallback" | "eventTimeout") && !key.starts_with("gtm.") {
                props.set(key, value.clone());
            }
        }
    }
    Some((name.into(), props))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecommerce(name: &str) -> Value {
        Value::map([
            ("event", name.into()),
            ("ecommerce", Value::map([("value", 1200.0.into()), ("currency", "JPY".into())])),
            ("gtm.uniqueEventId", 7.0.into()),
            ("list", "spring".into()),
        ])
    }

    #[test]
    fn an_ecommerce_push_is_an_event_with_flat_properties() {
        let (name, props) = event_of(&ecommerce("add_to_cart")).unwrap();
        assert_eq!(&*name, "add_to_cart");
        assert_eq!(
            props,
            Value::map([("value", 1200.0.into()), ("currency", "JPY".into()), ("list", "spring".into())])
        );
    }

    #[test]
    fn clearing_lifecycle_and_page_views_are_not_events() {
        for push in [
            Value::map([("ecommerce", Value::Null)]),
            ecommerce("gtm.js"),
            ecommerce("page_view"),
            ecommerce(""),
            Value::map([("event", 5.0.into())]),
            Value::List(vec!["config".into(), "G-1".into()]),
            Value::Null,
        ] {
            assert_eq!(event_of(&push), None, "{push:?}");
        }
    }

    #[test]
    fn gtag_arguments_are_understood() {
        let push = Value::List(vec!["event".into(), "sign_up".into(), Value::map([("method", "mail".into())])]);
        assert_eq!(event_of(&push), Some(("sign_up".into(), Value::map([("method", "mail".into())]))));
    }
}
