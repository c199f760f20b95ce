-- The demo's database: a small mail-order shop for tea and what goes with it. Made by scripts/demo with the sqlite3 shell;
-- the same rows every time.
PRAGMA foreign_keys = ON;
BEGIN;

CREATE TABLE category (
    category_id INTEGER PRIMARY KEY,
    parent_id   INTEGER REFERENCES category (category_id),
    name        TEXT NOT NULL UNIQUE,
    sort_no     INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE supplier (
    supplier_id    INTEGER PRIMARY KEY,
    company_name   TEXT NOT NULL UNIQUE,
    contact_email  TEXT,
    country_code   TEXT NOT NULL CHECK (length(country_code) = 2),
    lead_time_days INTEGER NOT NULL CHECK (lead_time_days BETWEEN 0 AND 120)
);

CREATE TABLE product (
    product_id  INTEGER PRIMARY KEY,
    sku         TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    category_id INTEGER NOT NULL REFERENCES category (category_id),
    supplier_id INTEGER NOT NULL REFERENCES supplier (supplier_id),
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    currency    TEXT NOT NULL DEFAULT 'EUR' CHECK (currency IN ('EUR', 'GBP', 'CHF')),
    weight_g    INTEGER CHECK (weight_g > 0),
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    x_legacy_st INTEGER,
    created_at  TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE warehouse (
    warehouse_id INTEGER PRIMARY KEY,
    code         TEXT NOT NULL UNIQUE,
    city         TEXT NOT NULL
);

CREATE TABLE stock_level (
    warehouse_id  INTEGER NOT NULL REFERENCES warehouse (warehouse_id),
    product_id    INTEGER NOT NULL REFERENCES product (product_id),
    qty_on_hand   INTEGER NOT NULL DEFAULT 0 CHECK (qty_on_hand >= 0),
    reorder_level INTEGER NOT NULL DEFAULT 10,
    counted_at    TEXT,
    PRIMARY KEY (warehouse_id, product_id)
) WITHOUT ROWID;

CREATE TABLE customer (
    customer_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    email         TEXT NOT NULL UNIQUE,
    full_name     TEXT NOT NULL,
    phone         TEXT,
    birth_date    TEXT,
    segment       TEXT NOT NULL DEFAULT 'retail' CHECK (segment IN ('retail', 'trade', 'staff')),
    newsletter_ok INTEGER NOT NULL DEFAULT 0 CHECK (newsletter_ok IN (0, 1)),
    created_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at    TEXT
);

CREATE TABLE customer_address (
    address_id   INTEGER PRIMARY KEY,
    customer_id  INTEGER NOT NULL REFERENCES customer (customer_id) ON DELETE CASCADE,
    kind         TEXT NOT NULL CHECK (kind IN ('billing', 'shipping')),
    street       TEXT NOT NULL,
    postal_code  TEXT NOT NULL,
    city         TEXT NOT NULL,
    country_code TEXT NOT NULL DEFAULT 'DE' CHECK (length(country_code) = 2),
    UNIQUE (customer_id, kind)
);

CREATE TABLE sales_order (
    order_id            INTEGER PRIMARY KEY AUTOINCREMENT,
    order_no            TEXT NOT NULL UNIQUE,
    customer_id         INTEGER NOT NULL REFERENCES customer (customer_id),
    shipping_address_id INTEGER REFERENCES customer_address (address_id),
    status              TEXT NOT NULL DEFAULT 'new'
                        CHECK (status IN ('new', 'paid', 'shipped', 'returned', 'cancelled')),
    ordered_at          TEXT NOT NULL,
    discount_pct        REAL NOT NULL DEFAULT 0 CHECK (discount_pct BETWEEN 0 AND 100),
    note                TEXT
);
CREATE INDEX sales_order_customer ON sales_order (customer_id);

CREATE TABLE order_line (
    order_id         INTEGER NOT NULL REFERENCES sales_order (order_id) ON DELETE CASCADE,
    line_no          INTEGER NOT NULL CHECK (line_no > 0),
    product_id       INTEGER NOT NULL REFERENCES product (product_id),
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
    line_total_cents INTEGER GENERATED ALWAYS AS (quantity * unit_price_cents) VIRTUAL,
    PRIMARY KEY (order_id, line_no)
);

CREATE TABLE payment (
    payment_id   INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES sales_order (order_id),
    method       TEXT NOT NULL CHECK (method IN ('card', 'transfer', 'invoice')),
    amount_cents INTEGER NOT NULL,
    psp_ref      TEXT UNIQUE,
    paid_at      TEXT
);

CREATE TABLE shipment (
    shipment_id  INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES sales_order (order_id),
    warehouse_id INTEGER NOT NULL REFERENCES warehouse (warehouse_id),
    carrier      TEXT NOT NULL,
    tracking_url TEXT,
    shipped_at   TEXT NOT NULL,
    delivered_at TEXT
);

CREATE TABLE product_review (
    review_id   INTEGER PRIMARY KEY,
    product_id  INTEGER NOT NULL REFERENCES product (product_id),
    customer_id INTEGER NOT NULL REFERENCES customer (customer_id),
    rating      INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    body        TEXT,
    written_at  TEXT NOT NULL,
    UNIQUE (product_id, customer_id)
);

CREATE VIEW order_total AS
SELECT o.order_id, o.order_no, o.customer_id, o.status,
       sum(l.line_total_cents) AS gross_cents,
       CAST(round(sum(l.line_total_cents) * (1 - o.discount_pct / 100)) AS INTEGER) AS net_cents
FROM sales_order AS o JOIN order_line AS l USING (order_id)
GROUP BY o.order_id;

CREATE VIEW customer_value AS
SELECT c.customer_id, c.full_name, c.segment,
       count(t.order_id) AS order_count, coalesce(sum(t.net_cents), 0) AS lifetime_cents
FROM customer AS c LEFT JOIN order_total AS t
  ON t.customer_id = c.customer_id AND t.status NOT IN ('returned', 'cancelled')
GROUP BY c.customer_id;

CREATE VIEW low_stock AS
SELECT w.code AS warehouse_code, p.sku, p.name, s.qty_on_hand, s.reorder_level
FROM stock_level AS s JOIN product AS p USING (product_id) JOIN warehouse AS w USING (warehouse_id)
WHERE s.qty_on_hand < s.reorder_level AND p.is_active = 1;

INSERT INTO category (category_id, parent_id, name, sort_no) VALUES
    (1, NULL, 'Tea', 1), (2, 1, 'Black tea', 1), (3, 1, 'Green tea', 2), (4, 1, 'Herbal tea', 3),
    (5, NULL, 'Ware', 2), (6, 5, 'Pots', 1), (7, 5, 'Cups', 2), (8, NULL, 'Gifts', 3);

INSERT INTO supplier (supplier_id, company_name, contact_email, country_code, lead_time_days) VALUES
    (1, 'Nilgiri Estates', 'export@nilgiri.example', 'IN', 45),
    (2, 'Uji Chaen', 'sales@uji.example', 'JP', 60),
    (3, 'Kräuterhof Lenz', 'bestellung@lenz.example', 'DE', 7),
    (4, 'Moorland Pottery', NULL, 'GB', 21),
    (5, 'Porzellan Weiden', 'kontor@weiden.example', 'DE', 14);

WITH assortment (category_id, supplier_id, kind, variants) AS (
    VALUES (2, 1, 'Assam,Nilgiri,Darjeeling', 3), (3, 2, 'Sencha,Gyokuro,Matcha', 3),
           (4, 3, 'Peppermint,Camomile,Rooibos', 3), (6, 4, 'Pot 0.5 l,Pot 1 l,Kettle', 3),
           (7, 5, 'Cup white,Cup blue,Bowl', 3), (8, 3, 'Sampler,Calendar,Voucher', 3)
), sizes (n, suffix, grams, factor) AS (
    VALUES (1, 'small', 50, 1), (2, 'large', 250, 4)
), named AS (
    SELECT category_id, supplier_id, json_each.value AS name, json_each.key AS k
    FROM assortment, json_each('["' || replace(kind, ',', '","') || '"]')
)
INSERT INTO product (sku, name, category_id, supplier_id, price_cents, weight_g, is_active, x_legacy_st, created_at)
SELECT printf('T%d%02d-%s', category_id, k + 1, upper(substr(suffix, 1, 1))), name || ', ' || suffix,
       category_id, supplier_id, (290 + 130 * k + 210 * (category_id - 1)) * factor, grams * category_id,
       (category_id * 7 + k * 3 + n) % 11 <> 0, CASE WHEN (k + n) % 3 = 0 THEN (category_id + k) % 4 END,
       date('2024-01-08', '+' || (category_id * 13 + k * 5 + n) || ' days')
FROM named, sizes
ORDER BY category_id, k, n;

INSERT INTO warehouse (warehouse_id, code, city) VALUES (1, 'HAM', 'Hamburg'), (2, 'LEJ', 'Leipzig');

INSERT INTO stock_level (warehouse_id, product_id, qty_on_hand, reorder_level, counted_at)
SELECT warehouse_id, product_id, (product_id * 17 + warehouse_id * 29) % 83, 10 + 5 * (product_id % 3),
       date('2026-06-01', '+' || (product_id % 20) || ' days')
FROM warehouse, product
WHERE (product_id + warehouse_id) % 5 <> 0;

WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 48),
first (k, name) AS (VALUES (0, 'Anna'), (1, 'Bora'), (2, 'Chidi'), (3, 'Dörte'), (4, 'Emil'), (5, 'Farah'), (6, 'Göran')),
last (k, name) AS (VALUES (0, 'Albers'), (1, 'Brandt'), (2, 'Castro'), (3, 'Demir'), (4, 'Eriksen'))
INSERT INTO customer (email, full_name, phone, birth_date, segment, newsletter_ok, created_at, deleted_at)
SELECT 'customer' || i || '@mail.example', first.name || ' ' || last.name,
       CASE WHEN i % 3 THEN printf('+49 40 555%04d', i * 37) END,
       CASE WHEN i % 4 THEN date('1958-02-11', '+' || (i * 397) || ' days') END,
       CASE WHEN i % 9 = 0 THEN 'trade' WHEN i = 1 THEN 'staff' ELSE 'retail' END,
       i % 2, datetime('2024-02-01 08:00:00', '+' || (i * 13) || ' days', '+' || (i * 7) || ' minutes'),
       CASE WHEN i % 17 = 0 THEN datetime('2026-05-01 10:00:00') END
FROM n JOIN first ON first.k = i % 7 JOIN last ON last.k = i % 5;

INSERT INTO customer_address (customer_id, kind, street, postal_code, city, country_code)
SELECT customer_id, kind, 'Lindenweg ' || (customer_id * 3 % 90 + 1), printf('%05d', 20095 + customer_id * 211),
       CASE customer_id % 4 WHEN 0 THEN 'Hamburg' WHEN 1 THEN 'Leipzig' WHEN 2 THEN 'Kassel' ELSE 'Wien' END,
       CASE customer_id % 4 WHEN 3 THEN 'AT' ELSE 'DE' END
FROM customer, (SELECT 'billing' AS kind UNION ALL SELECT 'shipping')
WHERE kind = 'billing' OR customer_id % 3 = 0;

WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)
INSERT INTO sales_order (order_no, customer_id, shipping_address_id, status, ordered_at, discount_pct, note)
SELECT printf('2026-%05d', i), (i * 11) % 48 + 1,
       (SELECT max(address_id) FROM customer_address WHERE customer_id = (i * 11) % 48 + 1),
       CASE WHEN i % 13 = 0 THEN 'cancelled' WHEN i % 17 = 0 THEN 'returned' WHEN i > 84 THEN 'new'
            WHEN i > 76 THEN 'paid' ELSE 'shipped' END,
       datetime('2026-01-03 07:30:00', '+' || (i * 2) || ' days', '+' || (i * 47 % 600) || ' minutes'),
       CASE WHEN i % 10 = 0 THEN 5.0 WHEN i % 23 = 0 THEN 12.5 ELSE 0 END,
       CASE WHEN i % 12 = 0 THEN 'Leave it with the neighbour' END
FROM n;

WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)
INSERT INTO order_line (order_id, line_no, product_id, quantity, unit_price_cents)
SELECT order_id, i, product_id, 1 + (order_id + i) % 3, price_cents
FROM sales_order, n JOIN product ON product_id = (order_id * 5 + i * 7) % 36 + 1
WHERE i <= 1 + order_id % 4;

INSERT INTO payment (order_id, method, amount_cents, psp_ref, paid_at)
SELECT order_id, CASE order_id % 3 WHEN 0 THEN 'card' WHEN 1 THEN 'transfer' ELSE 'invoice' END, net_cents,
       CASE WHEN order_id % 3 = 0 THEN printf('psp_%08x', order_id * 7919) END,
       CASE WHEN status <> 'new' THEN datetime(ordered_at, '+1 day') END
FROM order_total JOIN sales_order USING (order_id, status)
WHERE status <> 'cancelled';

INSERT INTO shipment (order_id, warehouse_id, carrier, tracking_url, shipped_at, delivered_at)
SELECT order_id, 1 + order_id % 2, CASE order_id % 2 WHEN 0 THEN 'DHL' ELSE 'DPD' END,
       'https://track.example/' || printf('%010d', order_id * 104729), datetime(ordered_at, '+2 days'),
       CASE WHEN order_id < 74 THEN datetime(ordered_at, '+4 days') END
FROM sales_order
WHERE status IN ('shipped', 'returned');

INSERT INTO product_review (product_id, customer_id, rating, body, written_at)
SELECT product_id, customer_id, 1 + (order_id * 3 + product_id) % 5,
       CASE WHEN order_id % 2 THEN 'Would buy it again.' END, datetime(max(ordered_at), '+12 days')
FROM order_line JOIN sales_order USING (order_id)
WHERE order_id % 3 = 0
GROUP BY product_id, customer_id;

-- SQLite has no COMMENT: amx keeps descriptions in this table of the documented file. A colleague wrote some already.
CREATE TABLE amx_comments (
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    comment     TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    PRIMARY KEY (table_name, column_name)
);
INSERT INTO amx_comments (table_name, column_name, comment, updated_at) VALUES
    ('customer', '', 'People and firms that have ordered at least once or signed up for the newsletter.',
     '2026-03-02T09:14:00.000Z'),
    ('customer', 'deleted_at', 'When the customer asked to be forgotten; the row stays for the accounts, UTC.',
     '2026-03-02T09:15:00.000Z'),
    ('customer', 'segment', 'Price list that applies: retail, trade (10 % less) or staff.',
     '2026-03-02T09:15:00.000Z'),
    ('product', 'sku', 'Stock-keeping unit as printed on the label: category, number, size.',
     '2026-03-02T09:20:00.000Z'),
    ('product', 'price_cents', 'Price of one piece in cents, VAT included.', '2026-03-02T09:20:00.000Z'),
    ('sales_order', 'ordered_at', 'When the order was placed, UTC.', '2026-03-02T09:26:00.000Z');

COMMIT;
ANALYZE;
