//! A server that says anything, and the chance that decides.

use crate::expect::line;
use crate::wire::*;
use crate::world::World;
use entra_device_code::protocol::http::{Fault, Reply, Request};
use entra_device_code::time::Instant;
use serde_json::{Value, json};
use std::time::Duration;

/// xorshift64*: random enough, and the same everywhere.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

/// A device code, as the server knows it, and what became of it.
pub(crate) struct Code {
    pub(crate) answered_at: Instant,
    pub(crate) interval: Duration,
    /// When it ends, for each of those who go on with it.
    pub(crate) ends_at: Vec<Instant>,
    pub(crate) shown: Shown,
    /// How often somebody began to go on with it and has not polled for it yet.
    pub(crate) resumed: u32,
}

/// How a code got to its user.
pub(crate) enum Shown {
    Never,
    /// By the credential.
    ToTheUser,
    /// By whoever began the flow.
    ByAnother,
}

impl World {
    pub(crate) fn reply(&mut self, request: &Request) -> Result<Reply, Fault> {
        let line = line(request);
        let form = request
            .form
            .as_ref()
            .map(|form| form.encoded())
            .unwrap_or_default()
            .to_owned();
        let now = self.now().monotonic;
        let code = device_code_of(&form).map(|number| number - 1);
        if let Some(code) = code {
            self.codes[code].answered_at = now;
        }
        if self.chance.one_in(if self.is_ending { 50 } else { 4 }) {
            return self.nonsense();
        }
        if line.contains("/instance?") {
            return Ok(reply(
                200,
                r#"{"tenant_discovery_endpoint":"https://id.example/metadata"}"#,
            ));
        }
        if line.starts_with("GET") {
            let endpoints = json!({"token_endpoint": "https://id.example/t/token", "device_authorization_endpoint": "https://id.example/devicecode"});
            return Ok(reply(200, endpoints.to_string()));
        }
        if line.ends_with("/devicecode") {
            let (life, interval) = (self.chance.pick(&[20, 60, 900]), self.chance.pick(&[1, 5, 9]));
            let timeout = self.credential.config().timeout.unwrap_or(Duration::MAX);
            self.codes.push(Code {
                answered_at: now,
                interval: Duration::from_secs(interval),
                ends_at: vec![now.after(Duration::from_secs(life).min(timeout))],
                shown: Shown::Never,
                resumed: 0,
            });
            let number = self.codes.len();
            return Ok(device_code_with(json!({
                "device_code": format!("DC-{number}"),
                "user_code": format!("UC-{number}"),
                "expires_in": life,
                "interval": interval,
            })));
        }
        if let Some(code) = code {
            match self.chance.below(8) {
                0..4 => return Ok(pending()),
                4 => {
                    self.codes[code].interval = self.codes[code].interval.saturating_add(Duration::from_secs(5));
                    return Ok(error("slow_down"));
                }
                5 if self.chance.one_in(3) => return Ok(error("authorization_declined")),
                _ => {}
            }
        }
        let life = self.chance.pick(&[10, 400, 3600]);
        let whose = match self.chance.below(12) {
            0..7 => json!({}),
            7..11 => bea(),
            // The server says nothing of them.
            _ => json!({"id_token": null, "client_info": null}),
        };
        let granted = json!({"expires_in": life, "scope": "A.Read B.Read"});
        let granted = granted
            .as_object()
            .into_iter()
            .flatten()
            .chain(whose.as_object().into_iter().flatten());
        let granted = granted.map(|(name, value)| (name.clone(), value.clone())).collect();
        Ok(token_with("AT", "RT", Value::Object(granted)))
    }

    fn nonsense(&mut self) -> Result<Reply, Fault> {
        match self.chance.below(9) {
            0 => dropped(),
            1 => Err(Fault::TimedOut),
            2 => Err(Fault::TooLarge),
            3 => Ok(reply(503, "<html>")),
            4 => Ok(retry_after(429, 7)),
            5 => Ok(reply(200, "{}")),
            6 => Ok(reply(302, "")),
            7 => Ok(reply(200, "[1,\u{feff}")),
            _ => Ok(error("invalid_grant")),
        }
    }
}

/// Which of the server's codes a form polls for.
pub(crate) fn device_code_of(form: &str) -> Option<usize> {
    let (_, rest) = form.split_once("device_code=DC-")?;
    rest.split('&').next()?.parse().ok()
}
