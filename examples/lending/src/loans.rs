//! Who has which copy.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use diesel::dsl::{exists, select, sql};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Nullable, Text};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::db::{self, Pool};
use crate::schema::{books, copies, loans, members};

/// How many books a member may have at a time.
const AT_MOST: i64 = 3;

/// A copy that a member has.
#[derive(Debug, Queryable, Serialize)]
pub(crate) struct Loan {
    id: i32,
    copy_id: i32,
    title: String,
    due_on: String,
}

/// A copy to lend.
#[derive(Clone, Copy, Debug, Deserialize, Insertable)]
#[diesel(table_name = loans)]
pub(crate) struct NewLoan {
    copy_id: i32,
    member_id: i32,
}

/// The answer to a copy that was lent.
#[derive(Debug, Serialize)]
struct Lent {
    id: i32,
}

/// `GET /members/{id}/loans`
pub(crate) async fn of_member(pool: Data<Pool>, id: Path<i32>) -> Result<Json<Vec<Loan>>, Error> {
    Ok(Json(db::run(&pool, move |connection| load(connection, *id)).await?))
}

/// `POST /loans`
pub(crate) async fn lend(pool: Data<Pool>, Json(loan): Json<NewLoan>) -> Result<HttpResponse, Error> {
    let id = db::run(&pool, move |connection| insert(connection, loan)).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/members/{}/loans", loan.member_id)))
        .json(Lent { id }))
}

/// `POST /loans/{id}/return`
pub(crate) async fn give_back(pool: Data<Pool>, id: Path<i32>) -> Result<HttpResponse, Error> {
    db::run(&pool, move |connection| end(connection, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a member has.
fn load(connection: &mut SqliteConnection, member_id: i32) -> Result<Vec<Loan>, Error> {
    let is_member = exists(members::table.find(member_id));
    if !select(is_member).get_result::<bool>(connection)? {
        return Err(Error::NotFound("no such member"));
    }
    let loans = loans::table
        .inner_join(copies::table.inner_join(books::table))
        .filter(loans::member_id.eq(member_id).and(loans::returned_on.is_null()))
        .order(loans::id)
        .select((loans::id, loans::copy_id, books::title, loans::due_on))
        .load(connection)?;
    Ok(loans)
}

/// Lends a copy, unless it is out or the member has enough.
fn insert(connection: &mut SqliteConnection, loan: NewLoan) -> Result<i32, Error> {
    connection.immediate_transaction(|connection| {
        let has: i64 = loans::table
            .filter(loans::member_id.eq(loan.member_id).and(loans::returned_on.is_null()))
            .count()
            .get_result(connection)?;
        if has >= AT_MOST {
            return Err(Error::Conflict("the member has three books already"));
        }
        diesel::insert_into(loans::table)
            .values(loan)
            .returning(loans::id)
            .get_result(connection)
            .map_err(refused)
    })
}

/// What it means when the database does not take a loan.
fn refused(error: DieselError) -> Error {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::Conflict("the copy is out")
        }
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
            Error::Invalid("no such copy or member")
        }
        error => error.into(),
    }
}

/// The copy is back today.
fn end(connection: &mut SqliteConnection, id: i32) -> Result<(), Error> {
    let under_way = loans::table.find(id).filter(loans::returned_on.is_null());
    let ended = diesel::update(under_way)
        .set(loans::returned_on.eq(sql::<Nullable<Text>>("CURRENT_DATE")))
        .execute(connection)?;
    if ended == 0 { Err(Error::NotFound("no such loan")) } else { Ok(()) }
}
