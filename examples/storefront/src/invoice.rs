//! The invoice of an order, as plain text.

use std::fmt::{self, Write};

use axum::extract::{Path, State};
use sqlx::SqlitePool;

use crate::Error;
use crate::orders::{self, Order};

/// Room for the heading and the total.
const HEADING: usize = 160;
/// Room for one line, where the product's name fits its column.
const LINE: usize = 48;

/// `GET /orders/{id}/invoice`
pub(crate) async fn show(State(pool): State<SqlitePool>, Path(id): Path<i64>) -> Result<String, Error> {
    let order = orders::find(&pool, id).await?;
    Ok(render(&order))
}

/// Renders the invoice.
///
/// A hot path: at the month's end every invoice is rendered at once.
pub fn render(order: &Order) -> String {
    let mut page = String::with_capacity(HEADING + LINE * order.lines.len());
    write(&mut page, order).expect("a string takes all that is written");
    page
}

fn write(page: &mut String, order: &Order) -> fmt::Result {
    writeln!(page, "Invoice {:05}", order.id)?;
    writeln!(page, "{}, {}", order.customer, order.placed_at)?;
    writeln!(page)?;
    for line in &order.lines {
        write!(page, "{:>4} x {:<24}", line.quantity, line.product)?;
        amount(page, line.total_cents())?;
    }
    writeln!(page, "{:->42}", "")?;
    write!(page, "{:<31}", "Total")?;
    amount(page, order.total_cents())
}

/// An amount ends its line, eleven columns wide.
fn amount(page: &mut String, cents: i64) -> fmt::Result {
    writeln!(page, "{:>8}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use perfassert::max_allocs;

    use super::*;
    use crate::orders::Line;

    #[max_allocs(50)]
    #[test]
    fn renders_an_invoice() {
        let order = perfassert::unmeasured(|| Order {
            id: 42,
            customer: "Bruno Keller".into(),
            placed_at: "2026-03-02 08:14:00".into(),
            lines: vec![line("Mug, stoneware", 4, 1250), line("Teapot, cast iron", 1, 6400)],
        });

        assert_eq!(
            render(&order),
            "\
Invoice 00042
Bruno Keller, 2026-03-02 08:14:00

   4 x Mug, stoneware                50.00
   1 x Teapot, cast iron             64.00
------------------------------------------
Total                               114.00
"
        );
    }

    fn line(product: &str, quantity: i64, unit_price_cents: i64) -> Line {
        Line { sku: product.to_lowercase(), product: product.into(), quantity, unit_price_cents }
    }
}
