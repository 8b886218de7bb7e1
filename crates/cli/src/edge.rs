//! An edge's admin interface, as commands ask it.

use crate::Failure;
use serde_json::Value as Json;
use std::time::Duration;

/// Which edge and site, and by whose right.
#[derive(clap::Args)]
pub struct Options {
    /// Address of the edge, for example https://noren.example.com.
    #[arg(long)]
    url: String,
    /// A token that may do this; NOREN_TOKEN in the environment where it is left out.
    #[arg(long)]
    token: Option<String>,
    /// Site key.
    #[arg(long, default_value = "demo")]
    pub site: String,
}

/// What the edge answered; answers of every status are read, for the body says what is wrong.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Json,
    address: String,
}

/// A site of an edge.
pub struct Site {
    address: String,
    token: String,
    agent: ureq::Agent,
}

impl Options {
    /// The site. An answer that takes longer than `timeout` will not come.
    ///
    /// # Errors
    /// Where there is no token, or the site's name cannot be one.
    pub fn site(&self, timeout: Duration) -> Result<Site, Failure> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => std::env::var("NOREN_TOKEN").map_err(|_| Failure("no --token and no NOREN_TOKEN".into()))?,
        };
        if self.site.is_empty() || !self.site.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(Failure(format!("{:?} is not a site key", self.site)));
        }
        let address = format!("{}/noren/v1/admin/sites/{}", self.url.trim_end_matches('/'), self.site);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout)).build();
        Ok(Site { address, token, agent: agent.into() })
    }
}

impl Site {
    /// `PUT` a body at an address below the site's.
    ///
    /// # Errors
    /// Where no edge answers.
    pub fn put(&self, what: &str, body: &Json) -> Result<Answer, Failure> {
        self.send(|address| self.agent.put(address), what, body)
    }

    /// `POST` a body at an address below the site's.
    ///
    /// # Errors
    /// Where no edge answers.
    pub fn post(&self, what: &str, body: &Json) -> Result<Answer, Failure> {
        self.send(|address| self.agent.post(address), what, body)
    }

    fn send(
        &self,
        request: impl FnOnce(&str) -> ureq::RequestBuilder<ureq::typestate::WithBody>,
        what: &str,
        body: &Json,
    ) -> Result<Answer, Failure> {
        let address = format!("{}/{what}", self.address);
        let unheard = |e: ureq::Error| Failure(format!("{address}: {e}"));
        let mut answer = request(&address)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .send(body.to_string())
            .map_err(unheard)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(unheard)?;
        match serde_json::from_str(&text) {
            Ok(body) => Ok(Answer { status, body, address }),
            Err(_) => Err(Failure(format!(
                "{address} answered {status} with something that is not JSON; is it an edge of Noren?"
            ))),
        }
    }
}

impl Answer {
    /// Whether the edge did what it was asked.
    pub fn is_well(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// The refusal, for people.
    pub fn refusal(&self) -> Failure {
        let say = |key: &str| self.body[key].as_str().unwrap_or("").to_owned();
        Failure(format!("{} answered {}: {} ({})", self.address, self.status, say("message"), say("code")))
    }
}
