CREATE TABLE sidecars (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "path" TEXT,
  "title" TEXT,
  "layer" TEXT,
  "table" TEXT,
  "by" TEXT,
  "key" TEXT,
  "object_key" TEXT,
  "dates" TEXT,
  "custodian" TEXT,
  "attributes" TEXT,
  "crs" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX sidecars_sequence ON sidecars (sequence);
