//! Asks the AWS SDK's default chain for credentials, each time that a line comes in; prints a JSON line.
use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials;
use serde_json::json;
use std::error::Error;
use std::io::{stdin, stdout, Write};
use std::time::UNIX_EPOCH;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let provider = config.credentials_provider().expect("a default chain");
    for line in stdin().lines() {
        if line.is_err() {
            break;
        }
        let said = match provider.provide_credentials().await {
            Ok(found) => json!({
                "key": found.access_key_id(),
                "secret": found.secret_access_key(),
                "token": found.session_token(),
                "account": found.account_id().map(|id| id.as_str()),
                "expiresAt": found.expiry().and_then(|end| end.duration_since(UNIX_EPOCH).ok()).map(|left| left.as_millis() as u64),
            }),
            Err(error) => json!({ "error": told(&error) }),
        };
        println!("{said}");
        stdout().flush().expect("someone reads this");
    }
}

/// An error with all that led to it.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
