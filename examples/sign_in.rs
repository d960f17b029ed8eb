//! Signs a user in and says who did, in native Rust with a blocking HTTP client:
//!
//! ```sh
//! cargo run --example sign_in -- AUTHORITY TENANT CLIENT_ID SCOPE
//! ```
//!
//! The crate does no I/O and knows no runtime: it says what to do, and is told what came of it. So it takes a program
//! like this one no more than a client for HTTP, two clocks and `sleep`. Another would lend it tokio, or a test a script.
//! `SSL_CERT_FILE` names the certificates to trust in place of the usual ones.

use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, Effect, IoEvent, Outcome};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::{Fault, Reply, Request};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, http};

type Anything = Box<dyn std::error::Error>;

const LARGEST_BODY: u64 = 1 << 20;

fn main() -> Result<(), Anything> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [authority, tenant, client_id, scope] = arguments.as_slice() else {
        return Err("usage: sign_in AUTHORITY TENANT CLIENT_ID SCOPE".into());
    };
    let config = Config {
        disable_instance_discovery: true,
        os: env::consts::OS.to_owned(),
        ..Config::new(client_id.clone(), Authority::parse(authority)?, Tenant::parse(tenant)?)
    };
    let scopes = Scopes::new([scope])?;
    let ask =
        Ask::new(&config, Purpose::GetToken, Some(scopes), AskOptions::default()).map_err(|error| told(&error))?;
    let mut host = Host::new(Credential::new(config))?;

    let first = host.perform(&ask)?;
    let signed_in = first.as_ref().as_ref().map_err(told)?;
    let record = signed_in.record.as_ref().ok_or("nobody signed in")?.as_ref();
    println!("Signed in as {}", record.map_err(|why| *why)?.username);
    let second = host.perform(&ask)?;
    let again = second.as_ref().as_ref().map_err(told)?;
    let token = again.token.as_ref().ok_or("no token")?;
    let minutes = host.now().wall.until(token.life.expires_on).as_secs() / 60;
    println!("The token is kept in memory and good for {minutes} minutes");
    Ok(())
}

fn told(error: &Error) -> String {
    match error {
        Error::InvalidArgument(message) | Error::Unavailable(message) => message.clone(),
        Error::Authentication(failure) => failure.message.clone(),
        Error::Required(_) | Error::Aborted => "the user must sign in".to_owned(),
    }
}

/// What lends a credential its I/O.
struct Host {
    credential: Credential,
    agent: Agent,
    began: std::time::Instant,
}

impl Host {
    fn new(credential: Credential) -> Result<Self, Anything> {
        let mut tls = TlsConfig::builder();
        if let Some(file) = env::var_os("SSL_CERT_FILE") {
            let pem = fs::read(file)?;
            let trusted = parse_pem(&pem).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            tls = tls.root_certs(RootCerts::from(trusted));
        }
        // What a status means is the crate's business; it never follows a redirect.
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        let agent = config.tls_config(tls.build()).build().into();
        Ok(Self {
            credential,
            agent,
            began: std::time::Instant::now(),
        })
    }

    fn now(&self) -> Now {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Now {
            wall: Timestamp::from_unix_millis(millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())),
            monotonic: Instant::from_millis(millis(self.began.elapsed())),
        }
    }

    /// A call from its beginning to its end: feed an event, drain the effects until there is none, feed the next event.
    fn perform(&mut self, ask: &Ask) -> Result<Rc<Result<Box<Outcome>, Error>>, Anything> {
        let call = self
            .credential
            .call(ask.clone(), uuid::Uuid::new_v4().to_string(), self.now());
        loop {
            let (mut to_send, mut wake_at) = (None, None);
            while let Some((_, effect)) = self.credential.poll_effect() {
                match effect {
                    Effect::Send { io, request, limit } => to_send = Some((io, request, limit)),
                    Effect::WakeAt(at) => wake_at = Some(at),
                    Effect::Prompt(_, prompt) => eprintln!("{}", prompt.message),
                    Effect::Finish(result) => return Ok(result),
                    // Without a store, nothing is loaded or saved; what blocks can't be cancelled.
                    Effect::Load { .. } | Effect::Save { .. } | Effect::Cancel(_) => {}
                }
            }
            if let Some((io, request, limit)) = to_send {
                let replied = IoEvent::Replied(self.send(&request, limit));
                self.credential.handle_io(io, replied, self.now());
            } else if let Some(at) = wake_at {
                thread::sleep(self.now().monotonic.until(at));
                self.credential.handle_call(call, CallEvent::Look, self.now());
            } else {
                return Err("the credential waits for nothing".into());
            }
        }
    }

    fn send(&self, request: &Request, limit: Duration) -> Result<Reply, Fault> {
        let mut builder = http::Request::builder().uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let sent = match &request.form {
            None => builder.body(()).map_err(ureq::Error::from).and_then(|get| {
                let get = self.agent.configure_request(get).timeout_global(Some(limit)).build();
                self.agent.run(get)
            }),
            Some(form) => {
                let builder = builder
                    .method("POST")
                    .header("content-type", "application/x-www-form-urlencoded");
                builder
                    .body(form.encoded())
                    .map_err(ureq::Error::from)
                    .and_then(|post| {
                        let post = self.agent.configure_request(post).timeout_global(Some(limit)).build();
                        self.agent.run(post)
                    })
            }
        };
        let mut response = sent.map_err(fault)?;
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Reply {
            status: response.status().as_u16(),
            retry_after: retry_after.map(Duration::from_secs),
            body: Secret::new(
                response
                    .body_mut()
                    .with_config()
                    .limit(LARGEST_BODY)
                    .read_to_string()
                    .map_err(fault)?,
            ),
        })
    }
}

fn fault(error: ureq::Error) -> Fault {
    match error {
        ureq::Error::Timeout(_) => Fault::TimedOut,
        ureq::Error::BodyExceedsLimit(_) => Fault::TooLarge,
        other => Fault::Network(Cause::text(other.to_string())),
    }
}
