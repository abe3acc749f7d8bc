CREATE TABLE measurements (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "kind" TEXT,
  "points" TEXT,
  "values" TEXT,
  "objects" TEXT,
  "crs" TEXT,
  "vertical" TEXT,
  "notes" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX measurements_sequence ON measurements (sequence);
