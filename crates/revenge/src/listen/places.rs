//! How many connections there are at once: in all, and of one address of the internet.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::limits::is_near;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::origin::Proxies;

/// Connections at once; the next one waits in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;
/// Those of one address: a household behind one, with all its screens, has some dozens. Addresses of the house and of trusted
/// proxies have no such bound: a proxy is one, with everybody behind it.
const MAX_OF_ADDRESS: usize = 500;

/// The places for connections. Cheap to clone.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    of_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    proxies: Proxies,
}

/// A connection's place, free again when it is dropped.
pub struct Place {
    _one: OwnedSemaphorePermit,
    _own: Option<Own>,
}

struct Own {
    address: IpAddr,
    of_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Places {
    pub fn new(proxies: Proxies) -> Self {
        Self { all: Arc::new(Semaphore::new(MAX_CONNECTIONS)), of_address: Arc::default(), proxies }
    }

    /// Waits for a free place; `None` when there are none anymore.
    pub async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives it to an address, unless that has too many.
    pub fn take(&self, one: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        let is_proxy = self.proxies.contains(&address.to_canonical());
        let address = subscriber(address);
        if is_proxy || is_near(address) {
            return Some(Place { _one: one, _own: None });
        }
        let mut counts = self.of_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        if *count >= MAX_OF_ADDRESS {
            return None;
        }
        *count += 1;
        let own = Own { address, of_address: Arc::clone(&self.of_address) };
        Some(Place { _one: one, _own: Some(own) })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let mut counts = self.of_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut it) = counts.entry(self.address) {
            *it.get_mut() -= 1;
            if *it.get() == 0 {
                it.remove();
            }
        }
    }
}

/// Who an address belongs to: of IPv6 a subscriber has at least the last 64 bits to themselves (RFC 6177).
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX)).into(),
        it @ IpAddr::V4(_) => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken(places: &Places, address: &str) -> Option<Place> {
        let one = places.next().await.expect("room");
        places.take(one, address.parse().expect("an address"))
    }

    #[tokio::test]
    async fn an_address_of_the_internet_has_so_many_and_no_more() {
        let places = Places::new(Proxies::default());
        let mut held = Vec::new();
        for n in 0..MAX_OF_ADDRESS {
            held.push(taken(&places, &format!("2001:db8:0:7::{n:x}")).await.expect("a place"));
        }
        assert!(taken(&places, "2001:db8:0:7:ffff::1").await.is_none(), "the same subscriber");
        assert!(taken(&places, "2001:db8:0:8::1").await.is_some(), "another one");
        held.pop();
        assert!(taken(&places, "2001:db8:0:7::1").await.is_some(), "one has left");
        drop(held);
        assert!(places.of_address.lock().expect("nobody panicked").is_empty());
        assert_eq!(places.all.available_permits(), MAX_CONNECTIONS);
    }

    #[tokio::test]
    async fn a_proxy_in_the_house_brings_as_many_as_it_likes() {
        let places = Places::new(Proxies::default());
        let mut held = Vec::new();
        for _ in 0..=MAX_OF_ADDRESS {
            held.push(taken(&places, "::ffff:172.17.0.1").await.expect("a place"));
        }
    }

    #[tokio::test]
    async fn a_trusted_proxy_on_the_internet_does_so_too() {
        let proxy: IpAddr = "203.0.113.9".parse().expect("an address");
        let places = Places::new([proxy].into());
        let mut held = Vec::new();
        for _ in 0..=MAX_OF_ADDRESS {
            held.push(taken(&places, "::ffff:203.0.113.9").await.expect("a place"));
        }
    }
}
