//! An authenticator in software: makes passkeys and signs with them as browsers and telephones do (Web Authentication,
//! level 3, and CTAP 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// One passkey and the browser before it.
pub struct Authenticator {
    key: EcdsaKeyPair,
    credential_id: [u8; 16],
    user: String,
    /// What the browser shows as the page's origin.
    pub origin: String,
    /// How often it signed; those that are copied have none.
    pub counter: u32,
    /// Whether the finger, the face or the PIN was right.
    pub is_verified: bool,
}

impl Authenticator {
    /// A passkey by the `options` of the server, and what the browser hands over of it.
    pub fn make(options: &Value, origin: &str) -> (Self, Value) {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        let digested = digest(&SHA256, key.public_key().as_ref());
        let made = Self {
            key,
            credential_id: digested.as_ref()[..16].try_into().expect("16 bytes"),
            user: options["user"]["id"].as_str().expect("a user").to_owned(),
            origin: origin.to_owned(),
            counter: 0,
            is_verified: true,
        };
        let rp_id = options["rp"]["id"].as_str().expect("a name");
        let data = made.data(rp_id, HAS_CREDENTIAL);
        // A map of three: fmt "none", attStmt {}, authData.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("a short one"));
        object.extend(data);
        let response = json!({
            "attestationObject": BASE64.encode(object),
            "clientDataJSON": BASE64.encode(made.client_data("webauthn.create", options)),
        });
        let credential = made.credential(&response);
        (made, credential)
    }

    /// What the browser hands over where the passkey signed what the server's `options` ask.
    pub fn sign(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let data = self.data(options["rpId"].as_str().expect("a name"), 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        let response = json!({
            "authenticatorData": BASE64.encode(data),
            "clientDataJSON": BASE64.encode(client_data),
            "signature": BASE64.encode(signature),
            "userHandle": self.user,
        });
        self.credential(&response)
    }

    fn credential(&self, response: &Value) -> Value {
        let id = BASE64.encode(self.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let verified = if self.is_verified { USER_VERIFIED } else { 0 };
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags | USER_PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        if flags & HAS_CREDENTIAL != 0 {
            data.extend([0; 16]);
            data.extend([0, 16]);
            data.extend(self.credential_id);
            // A COSE key: EC2, ES256, P-256, x, y.
            let point = self.key.public_key().as_ref();
            data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
            data.extend(&point[1..33]);
            data.extend(b"\x22\x58\x20");
            data.extend(&point[33..65]);
        }
        data
    }
}
