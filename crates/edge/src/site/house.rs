//! The house: who is signed in to this deployment, and which sites it has. One object.

use noren_wire::bounds::SESSION_MS;

use crate::Result;
use crate::name::token_digest;
use crate::sql::{Param, Sql, has_table, whole};

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS session (digest TEXT PRIMARY KEY, name TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS spent (digest TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS site (site TEXT PRIMARY KEY) WITHOUT ROWID",
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// Open a session for a token that the shell just made at random; only its digest is kept. Past sessions are swept out.
///
/// With `once`, that one-time token is spent by it: `false` if it was spent before.
///
/// # Errors
/// `Broken`.
pub fn open(sql: &dyn Sql, session: &str, name: &str, once: Option<&str>, now: i64) -> Result<bool> {
    whole(sql, || {
        create(sql)?;
        if let Some(token) = once {
            let digest = token_digest(token);
            if !sql.exec("SELECT 1 FROM spent WHERE digest = ?", &[Param::Text(&digest)])?.is_empty() {
                return Ok(false);
            }
            sql.exec("INSERT INTO spent (digest) VALUES (?)", &[Param::Text(&digest)])?;
        }
        sql.exec("DELETE FROM session WHERE until <= ?", &[Param::Int(now)])?;
        sql.exec(
            "INSERT INTO session (digest, name, until) VALUES (?, ?, ?)",
            &[Param::Text(&token_digest(session)), Param::Text(name), Param::Int(now + SESSION_MS)],
        )?;
        Ok(true)
    })
}

/// Whose session this is.
///
/// # Errors
/// `Broken`.
pub fn who(sql: &dyn Sql, session: &str, now: i64) -> Result<Option<String>> {
    if !has_table(sql, "session")? {
        return Ok(None);
    }
    let rows = sql.exec(
        "SELECT name FROM session WHERE digest = ? AND until > ?",
        &[Param::Text(&token_digest(session)), Param::Int(now)],
    )?;
    Ok(rows.first().map(|row| row.text(0).to_string()))
}

/// End a session.
///
/// # Errors
/// `Broken`.
pub fn close(sql: &dyn Sql, session: &str) -> Result<()> {
    if has_table(sql, "session")? {
        sql.exec("DELETE FROM session WHERE digest = ?", &[Param::Text(&token_digest(session))])?;
    }
    Ok(())
}

/// Note that a site exists.
///
/// # Errors
/// `Broken`.
pub fn add_site(sql: &dyn Sql, site: &str) -> Result<()> {
    whole(sql, || {
        create(sql)?;
        sql.exec("INSERT INTO site (site) VALUES (?) ON CONFLICT (site) DO NOTHING", &[Param::Text(site)])?;
        Ok(())
    })
}

/// All sites, in order.
///
/// # Errors
/// `Broken`.
pub fn sites(sql: &dyn Sql) -> Result<Vec<String>> {
    if !has_table(sql, "site")? {
        return Ok(Vec::new());
    }
    Ok(sql.exec("SELECT site FROM site ORDER BY site", &[])?.iter().map(|row| row.text(0).to_string()).collect())
}
