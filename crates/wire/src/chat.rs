//! Frames on a conversation's socket, both ways; the same for a visitor and an operator.

use serde::{Deserialize, Serialize};

use crate::admin::VisitorRow;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ChatClientFrame {
    /// Everything after this number, please.
    Hello {
        /// Highest number already held; 0 for none.
        #[serde(default)]
        since: u64,
    },
    /// A message.
    Say {
        /// The client's own id of the message: said twice, stored once.
        cid: String,
        /// 1-2,000 characters.
        text: String,
    },
    /// Somebody is writing.
    Typing,
    /// Read up to here.
    Read {
        /// The number of the last message seen.
        seq: u64,
    },
}

/// What the edge says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ChatServerFrame {
    /// Answer to `hello`.
    History {
        /// In order.
        messages: Vec<ChatMessage>,
        /// Whether somebody is there to answer.
        hours: bool,
        /// To an operator: who this is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        visitor: Option<VisitorRow>,
    },
    /// A new message.
    Message {
        /// The message.
        message: ChatMessage,
    },
    /// Stored.
    Ack {
        /// The client's id of it.
        cid: String,
        /// The number it has for good.
        seq: u64,
    },
    /// The other side is writing.
    Typing {
        /// `visitor` or `operator`.
        who: String,
    },
    /// A frame that was not understood; nothing was stored.
    Error {
        /// Stable.
        code: String,
        /// For people.
        message: String,
    },
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ChatMessage {
    /// Its number in the conversation, from 1, without gaps.
    pub seq: u64,
    /// When it was stored, Unix ms.
    pub at: i64,
    /// `visitor`, `operator` or `system`.
    pub who: String,
    /// An operator's name; empty otherwise.
    pub name: String,
    /// The words; never markup.
    pub text: String,
    /// The client's own id.
    pub cid: String,
}
