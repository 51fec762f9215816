//! `revenge user`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use accounts::NewPerson;
use accounts::role::id_of;
use kernel::{BuiltInRole, Cursor, Limit};
use serde_json::json;

use crate::cli::User;
use crate::wiring::Workshop;
use crate::{Setting, block_on};

/// Does what the owner says to accounts.
pub fn run(setting: &Setting, user: User) -> anyhow::Result<()> {
    match user {
        User::Add { name, admin } => {
            let new = NewPerson {
                name,
                password: read_password()?,
                role_id: id_of(if admin { BuiltInRole::Admin } else { BuiltInRole::Member }),
                all_libraries: true,
                library_ids: Vec::new(),
            };
            block_on(async {
                let workshop = Workshop::open(setting).await?;
                let person = workshop.accounts.create_person_unscoped(new).await?;
                workshop.close().await;
                println!("{} {}", person.id, person.name);
                Ok(())
            })
        }
        User::Passwd { name } => {
            let password = read_password()?;
            block_on(async {
                let workshop = Workshop::open(setting).await?;
                workshop.accounts.reset_password_unscoped(&name, &password).await?;
                workshop.close().await;
                println!("{name} has a new password and is signed out everywhere");
                Ok(())
            })
        }
        User::NoSecondFactor { name } => block_on(async {
            let workshop = Workshop::open(setting).await?;
            workshop.accounts.remove_factors_unscoped(&name).await?;
            workshop.close().await;
            println!("{name} signs in with the password alone");
            Ok(())
        }),
        User::SignInLink { name } => block_on(async {
            let workshop = Workshop::open(setting).await?;
            let token = workshop.accounts.create_sign_in_link_unscoped(&name).await?;
            workshop.close().await;
            let server = &setting.config.server;
            let base = match &server.public_url {
                Some(url) => url.trim_end_matches('/').to_owned(),
                None => format!("http://localhost:{}", server.port),
            };
            println!("{base}/sign-in/link#{token}");
            eprintln!("It signs {name} in once, within fifteen minutes: show it to nobody else.");
            Ok(())
        }),
        User::List { json } => block_on(async {
            let workshop = Workshop::open(setting).await?;
            list(&workshop, json).await?;
            workshop.close().await;
            Ok(())
        }),
    }
}

async fn list(workshop: &Workshop, json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let mut cursor: Option<String> = None;
    loop {
        let after = cursor.as_deref().map(Cursor::decode).transpose()?;
        let page =
            workshop.accounts.list_people_unscoped(after, Limit::new(Some(Limit::MAX))).await?;
        for person in &page.items {
            if json {
                let line = json!({
                    "id": person.id, "name": person.name, "role": person.role.name,
                    "is_disabled": person.is_disabled, "created_at": person.created_at,
                });
                writeln!(out, "{line}")?;
            } else {
                let role = &person.role.name;
                let state = if person.is_disabled { " (disabled)" } else { "" };
                writeln!(out, "{}  {:13}  {}{state}", person.id, role, person.name)?;
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Asks on a terminal; reads the first line of standard input otherwise. Never from an argument: other people on the
/// machine can read those.
fn read_password() -> anyhow::Result<String> {
    let input = std::io::stdin();
    let is_terminal = input.is_terminal();
    if is_terminal {
        eprint!("Password: ");
        echo(false);
    }
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    if is_terminal {
        echo(true);
        eprintln!();
    }
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Shows, or does not show, what is typed.
fn echo(is_on: bool) {
    let input = std::io::stdin();
    if let Ok(mut settings) = rustix::termios::tcgetattr(&input) {
        settings.local_modes.set(rustix::termios::LocalModes::ECHO, is_on);
        if let Err(error) =
            rustix::termios::tcsetattr(&input, rustix::termios::OptionalActions::Now, &settings)
        {
            eprintln!("(the terminal keeps showing what is typed: {error})");
        }
    }
}
