-- What orders of the last years left behind, written in bulk (bpp/bench/history.py). The temporary table "wanted" has
-- one row: how many orders, by how many buyers and workers, from which microsecond on, over which span, how far apart
-- the jobs of one worker are, and the texts of documents and signatures.

CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY);
INSERT INTO numbers
  WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < (SELECT count FROM wanted))
  SELECT x FROM n;

-- Ids ascend with i and are spread over all of their range, as real ones are.
CREATE TEMP VIEW booked AS
  SELECT
    i,
    'buyer-' || (1 + i * buyers / count) || '.bench.example' AS buyer,
    printf('%08x-0000-4000-8000-%012x', i * 4294967295 / count, i) AS transaction_id,
    printf('%08x-1111-4000-8000-%012x', i * 4294967295 / count, i) AS ref,
    printf('SYN-W%06d', 1 + i % workers) AS worker_id,
    first + i * (span / count) AS at,
    doc,
    signature
  FROM numbers, wanted;

-- The seven messages of each order: requests at even places up to the fourth, callbacks at the others.
CREATE TEMP TABLE places (k INTEGER PRIMARY KEY, action TEXT, request INTEGER);
INSERT INTO places VALUES
  (0, 'select', 1), (1, 'on_select', 0), (2, 'init', 1), (3, 'on_init', 0), (4, 'confirm', 1), (5, 'on_confirm', 0),
  (6, 'on_status', 0);

-- A digest begins with two letters of base64, in the order of their bytes.
CREATE TEMP VIEW messages AS
  SELECT
    booked.*,
    k,
    action,
    request,
    booked.at + k * 1000000 AS said_at,
    printf('%08x-2222-4000-8000-%011x%x', i * 4294967295 / count, i, k) AS message_id,
    substr(letters, 1 + (7 * i + k) * 64 / (7 * count), 1) || substr(letters, 1 + (7 * i + k) * 4096 / (7 * count) % 64, 1)
      || printf('%084x', 7 * i + k) || '==' AS digest
  FROM booked, places, wanted;

INSERT INTO orders (ref, version, bap_id, order_id, transaction_id, channel, state, order_status, provider_id, worker_id,
    phone, slot_start, total_paise, created_at, updated_at, doc, forgotten, district)
  SELECT ref, 7, buyer, 'O-' || transaction_id, transaction_id, 'ondc', 'completed', 'COMPLETED', 'SYN-P00001',
    worker_id, printf('98%08d', i), at + 86400000000, 49900, at, at, doc, 0, '162'
  FROM booked;

INSERT INTO order_events (ref, at, fulfillment_id, event, actor, source, target, detail)
  SELECT ref, said_at, 'F1', 'complete', 'worker', 'in_progress', 'completed', '{}' FROM messages WHERE k < 4;

INSERT INTO inbox
  SELECT buyer, transaction_id, message_id, action, digest, said_at, 4 * i + k / 2 + 1 FROM messages WHERE request;

INSERT INTO outbox (lane, kind, action, peer, transaction_id, message_id, url, digest, order_ref, state, created_at,
    due_at, give_up_at, leased_until, attempts)
  SELECT buyer || char(10) || transaction_id, 'state', action, buyer, transaction_id, message_id,
    'http://127.0.0.1:9/' || action, digest, ref, 'delivered', said_at, said_at, said_at, NULL, 1
  FROM messages WHERE NOT request;

INSERT INTO attempts
  SELECT seq, 1, created_at, 'delivered', 200, '', (SELECT signature FROM wanted) FROM outbox ORDER BY seq;

INSERT INTO message_log (at, direction, peer, action, transaction_id, message_id, body_digest, answer_digest,
    http_status, outcome, reason, signature, order_ref)
  SELECT said_at, CASE WHEN request THEN 'in' ELSE 'out' END, buyer, action, transaction_id, message_id, digest, digest,
    200, 'ACK', 'Reply', signature, ref
  FROM messages;

-- Most have been erased; of one order in fifty they are still there.
INSERT INTO message_bodies (digest, body, erased_at)
  SELECT digest, CASE WHEN i % 50 = 0 THEN zeroblob(3000) END, CASE WHEN i % 50 THEN said_at END FROM messages;

INSERT INTO drafts SELECT ref, buyer, transaction_id, at, doc FROM booked WHERE i % 10 = 0;

INSERT INTO assignments SELECT ref, 1, ref, at, substr(doc, 1, 400) FROM booked;

-- An hour of a worker's time, in the order of the key.
INSERT INTO slot_cells
  SELECT worker_id, first + i / workers * apart + k * 900000000, ref, buyer, NULL
  FROM booked, places, wanted WHERE k < 4 ORDER BY i % workers, i, k;

INSERT INTO ledger_postings
  SELECT printf('%s-%d', ref, k), at, ref, 'order', 'booked', '' FROM booked, places WHERE k < 2;

INSERT INTO ledger_lines
  SELECT id, k, 'provider', 'SYN-P' || ledger_postings.rowid % 500, 'earned', CASE k WHEN 0 THEN 20000 ELSE -10000 END
  FROM ledger_postings, places WHERE k < 3;
