//! The adult catalog cannot be reached from the ordinary one, not even by mistake.

use axum::http::Method;
use sqlx::Row as _;

use crate::access::operations;
use crate::app::App;

const CANARY: &str = "Canary Of Schema C";

#[tokio::test]
async fn the_ordinary_role_has_no_right_on_schema_c() {
    let app = App::start().await;
    let pool = &app.workshop.catalog.pool;
    let role: String =
        sqlx::query("SELECT current_user::text").fetch_one(pool).await.expect("asked").get(0);
    assert_eq!(role, "revenge_ordinary");
    for statement in [
        "SELECT id FROM c.item",
        "SET search_path = c; SELECT id FROM c.library",
        "DELETE FROM c.item",
    ] {
        let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
        let code =
            error.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn no_answer_tells_of_what_is_in_schema_c() {
    let (app, owner) = App::start_with_owner().await;
    let pool = app.database.pool("c").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "INSERT INTO c.library (id, kind, name) VALUES ('01890a5d-ac96-774b-bcce-b302099a8001', 'movies', '{CANARY}');
         INSERT INTO c.item (id, library_id, kind, form, root_id, is_top, identity, title, sort_title)
         VALUES ('01890a5d-ac96-774b-bcce-b302099a8002', '01890a5d-ac96-774b-bcce-b302099a8001', 'movie', 'video',
                 '01890a5d-ac96-774b-bcce-b302099a8002', true, 'canary', '{CANARY}', '{CANARY}');"
    )))
    .execute(&pool)
    .await
    .expect("the canary sits in c");
    app.run_jobs().await;
    for operation in operations() {
        if operation.method != Method::GET || operation.id == "read_events" {
            continue;
        }
        for suffix in ["", "?q=canary", "?library_id=01890a5d-ac96-774b-bcce-b302099a8001"] {
            let path = operation.path_with("01890a5d-ac96-774b-bcce-b302099a8002") + suffix;
            let answer = app.send(&owner, Method::GET, &path, None).await;
            assert!(!answer.text().contains("Canary"), "{} tells of it", operation.id);
            assert!(!answer.status.is_server_error(), "{}: {}", operation.id, answer.text());
        }
    }
}
