//! Reading a request's body without ever holding more of it than allowed.

use futures_util::StreamExt;
use noren_edge::Result;
use noren_wire::error::{Code, parse};
use noren_wire::surrogate::mend;
use serde::de::DeserializeOwned;
use worker::Request;

use crate::edge::broken;

/// The body, up to `most` bytes, its half characters mended.
///
/// # Errors
/// `body_too_large`, by the announced length before a byte is read, and by counting where none was announced or it was wrong.
pub async fn read(request: &mut Request, most: usize) -> Result<Vec<u8>> {
    let announced = request.headers().get("content-length").map_err(broken("header"))?;
    if announced.as_deref().and_then(|n| n.parse::<usize>().ok()).is_some_and(|n| n > most) {
        return Err(Code::BodyTooLarge.into());
    }
    if announced.is_some() {
        let mut body = request.bytes().await.map_err(broken("body"))?;
        mend(&mut body);
        return if body.len() > most { Err(Code::BodyTooLarge.into()) } else { Ok(body) };
    }
    let Ok(mut stream) = request.stream() else { return Ok(Vec::new()) };
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        body.extend(chunk.map_err(broken("body"))?);
        if body.len() > most {
            return Err(Code::BodyTooLarge.into());
        }
    }
    mend(&mut body);
    Ok(body)
}

/// The body as JSON of a type.
///
/// # Errors
/// `body_too_large`, `body_not_json`, `body_invalid` with the field.
pub async fn json<T: DeserializeOwned>(request: &mut Request, most: usize) -> Result<T> {
    let body = read(request, most).await?;
    Ok(parse(&body)?)
}
