INSERT INTO customers (id, name, email) VALUES
    ( 1, 'Ada Okafor',        'ada@example.com'),
    ( 2, 'Bruno Keller',      'bruno@example.com'),
    ( 3, 'Chiara Lund',       'chiara@example.com'),
    ( 4, 'Dmitri Sato',       'dmitri@example.com'),
    ( 5, 'Elif Novak',        'elif@example.com'),
    ( 6, 'Farid Moreau',      'farid@example.com'),
    ( 7, 'Grete Almeida',     'grete@example.com'),
    ( 8, 'Hugo Iversen',      'hugo@example.com'),
    ( 9, 'Ines Varga',        'ines@example.com'),
    (10, 'Jonas Petit',       'jonas@example.com'),
    (11, 'Kavya Lindqvist',   'kavya@example.com'),
    (12, 'Luca Brandt',       'luca@example.com');

INSERT INTO products (sku, name, price_cents) VALUES
    ('kettle',  'Kettle, 1.2 l',         4990),
    ('mug',     'Mug, stoneware',        1250),
    ('teapot',  'Teapot, cast iron',     6400),
    ('sencha',  'Sencha, 100 g',          890),
    ('assam',   'Assam, 250 g',          1120),
    ('strainer','Tea strainer, steel',    675);

INSERT INTO orders (id, customer_id, placed_at) VALUES
    ( 1,  1, '2026-03-02 08:14:00'),
    ( 2,  2, '2026-03-02 09:40:00'),
    ( 3,  3, '2026-03-02 17:05:00'),
    ( 4,  4, '2026-03-03 07:58:00'),
    ( 5,  5, '2026-03-03 11:21:00'),
    ( 6,  6, '2026-03-04 10:02:00'),
    ( 7,  7, '2026-03-04 12:30:00'),
    ( 8,  8, '2026-03-04 19:47:00'),
    ( 9,  9, '2026-03-05 08:33:00'),
    (10, 10, '2026-03-05 15:10:00'),
    (11, 11, '2026-03-06 09:09:00'),
    (12, 12, '2026-03-06 18:26:00'),
    (13,  1, '2026-03-07 10:45:00'),
    (14,  1, '2026-03-09 08:01:00');

INSERT INTO order_lines (order_id, position, sku, quantity, unit_price_cents) VALUES
    ( 1, 0, 'kettle',   1, 4990), ( 1, 1, 'mug',      4, 1250), ( 1, 2, 'sencha',   2, 890),
    ( 2, 0, 'assam',    1, 1120),
    ( 3, 0, 'teapot',   1, 6400), ( 3, 1, 'strainer', 1,  675),
    ( 4, 0, 'mug',      2, 1250),
    ( 5, 0, 'sencha',   3,  890), ( 5, 1, 'assam',    1, 1120),
    ( 6, 0, 'kettle',   1, 4990),
    ( 7, 0, 'strainer', 2,  675), ( 7, 1, 'mug',      1, 1250),
    ( 8, 0, 'teapot',   1, 6400),
    ( 9, 0, 'assam',    2, 1120), ( 9, 1, 'sencha',   1,  890),
    (10, 0, 'mug',      6, 1250),
    (11, 0, 'kettle',   1, 4990), (11, 1, 'strainer', 1,  675),
    (12, 0, 'sencha',   1,  890),
    (13, 0, 'assam',    1, 1120),
    (14, 0, 'mug',      1, 1250), (14, 1, 'strainer', 1,  675);

INSERT INTO deliveries (sku, quantity) VALUES
    ('kettle', 12), ('mug', 40), ('teapot', 4), ('sencha', 30), ('assam', 6), ('strainer', 10);

INSERT INTO basket_lines (customer_id, sku, quantity) VALUES
    (6, 'mug', 2), (6, 'assam', 1), (7, 'kettle', 1);
