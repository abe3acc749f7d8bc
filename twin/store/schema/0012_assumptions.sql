CREATE TABLE assumptions (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "rate" REAL,
  "survey_cost" REAL,
  "stale_cost" REAL,
  "most_out" REAL,
  "currency" TEXT,
  "source" TEXT,
  "rate_low" REAL,
  "rate_high" REAL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX assumptions_sequence ON assumptions (sequence);
