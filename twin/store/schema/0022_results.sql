CREATE TABLE results (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "analysis" TEXT,
  "settings" TEXT,
  "scenario" TEXT,
  "against" TEXT,
  "layers" TEXT,
  "findings" TEXT,
  "stamp" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX results_sequence ON results (sequence);
