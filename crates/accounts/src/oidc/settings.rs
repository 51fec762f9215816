//! What the owner configures of signing in.

use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// With name and password. Without, `revenge user sign-in-link` is the way in when a provider fails.
    pub password: bool,
    /// With a passkey alone.
    pub passkey: bool,
    /// Providers of identity (`OpenID Connect`), in the order the sign-in page shows them.
    pub oidc: Vec<ProviderSettings>,
    /// A proxy that signs people in and says who they are.
    pub trusted_header: HeaderSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            password: true,
            passkey: true,
            oidc: Vec::new(),
            trusted_header: HeaderSettings::default(),
        }
    }
}

/// One provider of identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// In addresses: letters, digits and dashes. The provider must know `<public_url>/sign-in/oidc/<id>`.
    pub id: String,
    /// On the button.
    pub name: String,
    /// Its address, exactly as it calls itself; `/.well-known/openid-configuration` is below it.
    pub issuer: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// What this server proves itself with; public clients have none.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// Asked for beside `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Where groups are told: a claim, or a path to it: `realm_access.roles`.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// The first that fits is the person's role, at every sign-in; without any, roles are given here.
    #[serde(default)]
    pub roles: Vec<RoleRule>,
    /// All that fit are the person's libraries, at every sign-in; without any, libraries are given here.
    #[serde(default)]
    pub libraries: Vec<LibraryRule>,
    /// Who gets an account by coming.
    #[serde(default)]
    pub create: Create,
    /// The role of whom no rule gives one: `admin`, `manager`, `member`, `child`, `guest`, or one of the server's own.
    #[serde(default = "member")]
    pub role: String,
    /// People may connect the account they have here with theirs at the provider.
    #[serde(default = "yes")]
    pub linking: bool,
    /// The provider asks for a second factor itself, so that nobody is asked for another one here.
    #[serde(default)]
    pub second_factor: bool,
}

/// Who is in a group has a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// As the provider calls it.
    pub group: String,
    /// `admin`, `manager`, `member`, `child`, `guest`, or the name of one of the server's own.
    pub role: String,
}

/// Who is in a group sees libraries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryRule {
    /// As the provider calls it.
    pub group: String,
    /// Their names; `*` is all, also later ones.
    pub libraries: Vec<String>,
}

/// Who gets an account by coming.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Create {
    /// Nobody: accounts are made here, and connected.
    #[default]
    Never,
    /// Whoever the provider signs in.
    Always,
    /// Who is in a group of which `roles` or `libraries` tell.
    ByGroup,
}

/// A proxy that signs people in and says who they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderSettings {
    /// The header with the person's name: `Remote-User`.
    pub header: Option<String>,
    /// From whom it is believed: addresses or networks (`172.18.0.0/16`) of the connection itself.
    pub proxies: Vec<Network>,
    /// Names without an account get one.
    pub create: bool,
    /// The role of such an account.
    pub role: String,
    /// The proxy asks for a second factor itself, so that nobody is asked for another one here.
    pub second_factor: bool,
}

impl Default for HeaderSettings {
    fn default() -> Self {
        Self {
            header: None,
            proxies: Vec::new(),
            create: false,
            role: member(),
            second_factor: false,
        }
    }
}

fn scopes() -> Vec<String> {
    ["profile", "email", "groups"].map(str::to_owned).to_vec()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

fn member() -> String {
    "member".to_owned()
}

fn yes() -> bool {
    true
}

/// An address, or all that begin like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    /// How many bits of it count.
    bits: u8,
}

impl Network {
    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        fn is_same<const N: usize>(one: [u8; N], other: [u8; N], bits: u8) -> bool {
            let (whole, rest) = (usize::from(bits / 8), bits % 8);
            let begins = |it: u8| it.checked_shr(u32::from(8 - rest)).unwrap_or(0);
            one[..whole] == other[..whole]
                && (rest == 0 || begins(one[whole]) == begins(other[whole]))
        }
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                is_same(one.octets(), other.octets(), self.bits)
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                is_same(one.octets(), other.octets(), self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is neither an address nor a network like 172.18.0.0/16");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| wrong())?,
            None => most,
        };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let check = |network: &str, address: &str, expect: bool| {
            let network: Network = network.parse().expect("a network");
            let found = network.contains(address.parse().expect("an address"));
            assert_eq!(found, expect, "{address} in {}", String::from(network));
        };
        check("172.18.0.0/16", "172.18.255.1", true);
        check("172.18.0.0/16", "172.19.0.1", false);
        check("10.0.0.128/25", "10.0.0.127", false);
        check("10.0.0.128/25", "10.0.0.200", true);
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("10.0.0.1", "::ffff:10.0.0.1", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("fd00::/8", "fd12::1", true);
        check("fd00::/8", "fe80::1", false);
        for wrong in ["", "10.0.0.0/33", "proxy.lan", "10.0.0.0/x", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong:?}");
        }
    }
}
