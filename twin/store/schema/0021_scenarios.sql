CREATE TABLE scenarios (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "edits" TEXT,
  "note" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX scenarios_sequence ON scenarios (sequence);
