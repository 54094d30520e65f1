CREATE TABLE IF NOT EXISTS customers (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS products (
    sku         TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);

CREATE TABLE IF NOT EXISTS orders (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    placed_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id);

-- The price is the one at the time of the order.
CREATE TABLE IF NOT EXISTS order_lines (
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    position         INTEGER NOT NULL,
    sku              TEXT NOT NULL REFERENCES products (sku),
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, position)
);

-- What came in. What is there is that less what was ordered: see `in_stock`.
CREATE TABLE IF NOT EXISTS deliveries (
    id       INTEGER PRIMARY KEY,
    sku      TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);

CREATE INDEX IF NOT EXISTS deliveries_by_product ON deliveries (sku);
CREATE INDEX IF NOT EXISTS order_lines_by_product ON order_lines (sku);

CREATE VIEW IF NOT EXISTS in_stock AS
    SELECT p.sku,
           (SELECT COALESCE(SUM(d.quantity), 0) FROM deliveries d WHERE d.sku = p.sku)
         - (SELECT COALESCE(SUM(l.quantity), 0) FROM order_lines l WHERE l.sku = p.sku) AS quantity
    FROM products p;

-- What a customer has chosen and not ordered yet.
CREATE TABLE IF NOT EXISTS basket_lines (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    sku         TEXT NOT NULL REFERENCES products (sku),
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (customer_id, sku)
);
