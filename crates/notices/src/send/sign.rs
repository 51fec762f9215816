//! Signatures of webhooks by the Standard Webhooks scheme: whoever has the secret knows that a call is ours and fresh.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Rng;
use sha2::Sha256;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// A new secret.
pub fn new_secret(rng: &Rng) -> String {
    format!("{PREFIX}{}", STANDARD.encode(rng.bytes::<32>()))
}

/// The signature of `body`, sent as `id` at `timestamp` (seconds since 1970); `None` where `secret` is none.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_schemes_own_example() {
        let found = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(found.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_new_secret_signs_and_another_signs_otherwise() {
        let rng = Rng::seeded(1);
        let (one, other) = (new_secret(&rng), new_secret(&rng));
        let sign = |secret: &str| signature(secret, "a", 1, b"{}");
        assert!(sign(&one).is_some());
        assert_ne!(sign(&one), sign(&other));
        assert_eq!(sign("hunter2"), None);
    }
}
