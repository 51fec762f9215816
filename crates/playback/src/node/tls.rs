//! Certificates of nodes.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Both ends speak HTTP/2 and nothing else.
const PROTOCOLS: [&[u8]; 1] = [b"h2"];

/// What a node shows who connects: its certificates and the key of the first, as PEM.
pub fn acceptor(certificate: &[u8], key: &[u8]) -> anyhow::Result<TlsAcceptor> {
    let key = PrivateKeyDer::from_pem_slice(key).context("the key is no PEM")?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates(certificate)?, key)
        .context("certificate and key do not fit together")?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Believes these certificates, and those that they signed; nobody else's.
pub(super) fn connector(certificate: &[u8]) -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(certificate)? {
        roots.add(certificate)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn certificates(pem: &[u8]) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let read = read.context("the certificate is no PEM")?;
    ensure!(!read.is_empty(), "there is no certificate in it");
    Ok(read)
}
