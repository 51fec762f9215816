//! The server that takes our mail, as administrators set it up. Its password is sealed and never shown.

use kernel::{Error, Permission, Result, Viewer};
use uuid::Uuid;

use crate::store::mail_server::{
    MailServerRow, delete_mail_server, find_mail_server, upsert_mail_server,
};
use crate::way::{MailServer, Security};
use crate::{Notices, address};

/// What the password is sealed for: there is one mail server.
const SEALED_FOR: Uuid = Uuid::nil();
/// The longest host, name and password.
const MAX_BYTES: usize = 255;

/// What a mail server is to be.
#[derive(Clone)]
pub struct MailServerPatch {
    /// Its name or address.
    pub host: String,
    /// Its port; the usual one where left out.
    pub port: Option<u16>,
    /// How the connection is kept from being read.
    pub security: Security,
    /// Who we are to it; nobody where left out.
    pub username: Option<String>,
    /// What proves it; what was there stays where left out.
    pub password: Option<String>,
    /// Whom our mail is from.
    pub sender: String,
}

impl Notices {
    /// The mail server, if one is set up; its password is there for nobody to see.
    pub async fn find_mail_server(&self, viewer: &Viewer) -> Result<Option<MailServer>> {
        viewer.require(Permission::Administer)?;
        self.read_mail_server().await
    }

    /// Whether mail can be sent at all.
    pub async fn has_mail_server(&self) -> Result<bool> {
        let mut db = self.0.parts.pool.acquire().await?;
        Ok(find_mail_server(&mut db).await?.is_some())
    }

    /// Sets the mail server up.
    pub async fn update_mail_server(
        &self,
        viewer: &Viewer,
        patch: MailServerPatch,
    ) -> Result<MailServer> {
        viewer.require(Permission::Administer)?;
        let host = checked("host", &patch.host)?;
        if host.is_empty() || host.contains(['/', ' ', '@']) {
            return Err(Error::invalid("host", "is the name of a mail server: smtp.example.org"));
        }
        let sender = address::mailbox(patch.sender.trim().to_owned())
            .map_err(|it| Error::invalid("sender", it))?;
        let port = patch.port.unwrap_or(patch.security.usual_port());
        if port == 0 {
            return Err(Error::invalid("port", "must be from 1 to 65535"));
        }
        let username = patch.username.map(|it| checked("username", &it)).transpose()?;
        let username = username.filter(|it| !it.is_empty());
        let parts = &self.0.parts;
        let mut tx = parts.pool.begin().await?;
        let before = find_mail_server(&mut tx).await?;
        let sealed_password = match &patch.password {
            Some(password) => {
                let password = checked("password", password)?;
                Some(self.0.seal.close(SEALED_FOR, password.as_bytes(), &parts.rng)?)
            }
            // Whoever enters another host does not get the password sent there.
            None => before.filter(|it| it.host == host).and_then(|it| it.sealed_password),
        };
        let sealed_password = sealed_password.filter(|_| username.is_some());
        let (port, security) = (i32::from(port), patch.security.name().to_owned());
        let row = MailServerRow { host, port, security, username, sealed_password, sender };
        upsert_mail_server(&mut tx, &row, parts.clock.now()).await?;
        tx.commit().await?;
        self.read_mail_server().await?.ok_or(Error::NotFound("mail server"))
    }

    /// Forgets the mail server.
    pub async fn delete_mail_server(&self, viewer: &Viewer) -> Result<()> {
        viewer.require(Permission::Administer)?;
        delete_mail_server(&mut *self.0.parts.pool.acquire().await?).await
    }

    /// The mail server with its password, for sending.
    pub(crate) async fn read_mail_server(&self) -> Result<Option<MailServer>> {
        let row = find_mail_server(&mut *self.0.parts.pool.acquire().await?).await?;
        let Some(row) = row else { return Ok(None) };
        let password = match row.sealed_password {
            Some(sealed) => {
                let opened = self.0.seal.open(SEALED_FOR, &sealed)?;
                Some(String::from_utf8(opened).map_err(anyhow::Error::from)?)
            }
            None => None,
        };
        Ok(Some(MailServer {
            host: row.host,
            port: u16::try_from(row.port).unwrap_or_default(),
            // The check on the column knows no other.
            security: Security::parse(&row.security).unwrap_or(Security::Tls),
            username: row.username,
            password,
            sender: row.sender,
        }))
    }
}

fn checked(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.len() > MAX_BYTES || text.contains(char::is_control) {
        return Err(Error::invalid(field, "must have at most 255 visible characters"));
    }
    Ok(text.to_owned())
}
