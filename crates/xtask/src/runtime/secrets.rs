//! The two random texts of a state folder. Both stay on this machine: a deployment gets its own secret and never a development token.

use crate::failure::{Context, Result};
use crate::stamp::hex;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What a local edge is given beside its configuration.
pub struct Secrets {
    /// `NOREN_SECRET`: keys, cookies and object names are derived from it; as lasting as the state beside it.
    pub secret: String,
    /// `NOREN_DEV_TOKEN`: signs the developer in, from a loopback address only.
    pub dev_token: String,
}

impl Secrets {
    /// Reads the secrets of a state folder, making them the first time.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn of(state: &Path) -> Result<Self> {
        std::fs::create_dir_all(state).context(|| format!("creating {}", state.display()))?;
        Ok(Self { secret: read_or_make(&state.join("secret"))?, dev_token: read_or_make(&state.join("dev-token"))? })
    }
}

/// 256 random bits in hexadecimal, readable by this user only.
fn read_or_make(path: &Path) -> Result<String> {
    if let Ok(found) = std::fs::read_to_string(path)
        && found.trim().len() == 64
    {
        return Ok(found.trim().to_owned());
    }
    let mut random = [0_u8; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context(|| "reading randomness".into())?;
    let text = hex(&random);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context(|| format!("writing {}", path.display()))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn secrets_are_made_once_and_private() {
        let state = std::env::temp_dir().join(format!("noren-secrets-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&state);
        let first = Secrets::of(&state).expect("makes them");
        let second = Secrets::of(&state).expect("reads them");
        assert_eq!((first.secret.len(), &first.secret), (64, &second.secret));
        assert_eq!(first.dev_token, second.dev_token);
        assert_ne!(first.secret, first.dev_token);
        let mode = std::fs::metadata(state.join("dev-token")).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
